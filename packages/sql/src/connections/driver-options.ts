import { readFileSync } from 'node:fs';
import type { SqlConnectionConfig, SqlSecret } from '@taskwire/config';
import type { SqlDriverOptions } from '../open-driver.ts';
import { SqlConnectionError } from '../sql-error.ts';

export interface DriverOptionsOptions {
  /** Of the connection. */
  name: string;
  config: SqlConnectionConfig;
  /** Statements at a time, unless the connection says otherwise. */
  maxConcurrent: number;
  /** Where files of results go. */
  resultsDirectory: string;
}

/**
 * The options of a driver, from the configuration of a connection.
 *
 * @throws {SqlConnectionError} for a variable that is not set, or a certificate that cannot be read
 */
export function driverOptionsOf(options: DriverOptionsOptions): SqlDriverOptions {
  const { name, config, maxConcurrent, resultsDirectory } = options;
  const places = config.max_concurrent ?? maxConcurrent;
  const idleMs = config.idle_seconds * 1000;
  const secret = (field: string, given: SqlSecret | undefined) =>
    secretValue(`sql.connections.${name}.${field}`, given);
  const byHttp = (config: Extract<SqlConnectionConfig, { driver: 'databricks' | 'spark' }>) => ({
    ...defined({ caCertificate: certificateIn(name, config.ca_file) }),
    ...proxyOf(secret('proxy', config.proxy), config.no_proxy),
    readOnly: config.read_only,
    maxSessions: places,
    idleMs,
    connectTimeoutMs: config.connect_timeout_ms,
    answerTimeoutMs: config.answer_timeout_ms,
  });
  switch (config.driver) {
    case 'duckdb':
      return {
        driver: 'duckdb',
        ...defined({ dataDirectory: config.data_directory }),
        ...(config.file && { database: { path: config.file, readOnly: config.read_only, idleMs } }),
        // Hidden folders in it are for exports under way, and for one statement or database file each.
        exportDirectory: resultsDirectory,
        memoryLimitMb: config.memory_limit_mb,
        threads: config.threads,
      };
    case 'postgres': {
      const { host, port, database, user, tls, schema } = config;
      return {
        driver: 'postgres',
        ...defined({ host, port, database, user, tls, schema }),
        ...defined({ url: secret('url', config.url), password: secret('password', config.password) }),
        ...defined({ caCertificate: certificateIn(name, config.ca_file) }),
        readOnly: config.read_only,
        maxConnections: places,
        idleMs,
        connectTimeoutMs: config.connect_timeout_ms,
      };
    }
    case 'databricks': {
      const { host, port, http_path: httpPath, catalog, schema } = config;
      const token = secret('token', config.token);
      return {
        driver: 'databricks',
        host,
        port,
        httpPath,
        auth: token
          ? { kind: 'token', token }
          : {
              kind: 'oauth',
              clientId: secret('client_id', config.client_id) ?? '',
              clientSecret: secret('client_secret', config.client_secret) ?? '',
            },
        ...defined({ catalog, schema }),
        ...byHttp(config),
      };
    }
    case 'spark': {
      const { host, port, http_path: httpPath, user, tls, schema, settings } = config;
      return {
        driver: 'spark',
        ...{ host, port, httpPath, tls, settings },
        // A server that asks for no password wants one all the same.
        auth: { kind: 'basic', user, password: secret('password', config.password) ?? 'none' },
        ...defined({ schema }),
        ...byHttp(config),
      };
    }
  }
}

function proxyOf(url: string | undefined, except = '') {
  return url === undefined || url === 'none' ? {} : { proxy: { url, except } };
}

function secretValue(path: string, secret: SqlSecret | undefined): string | undefined {
  if (typeof secret !== 'object') return secret;
  const message = `The environment variable ${secret.env} is not set (${path})`;
  throw new SqlConnectionError({ fault: 'misconfigured', message });
}

function certificateIn(name: string, file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const message = `The certificate ${file} cannot be read (sql.connections.${name}.ca_file)`;
    throw new SqlConnectionError({ fault: 'tls', message, cause });
  }
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without the fields that are not set. */
function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
