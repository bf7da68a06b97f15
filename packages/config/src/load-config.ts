import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { didYouMean, isJsonObject, type JsonObject } from '@taskwire/protocol';
import { ownEnvironment, shareDotEnv } from './child-environment.ts';
import { ConfigError, type ConfigFault } from './config-error.ts';
import { CONNECTION_PATHS } from './connection-schema.ts';
import { type Environment, type Override, overridesOf, serviceLinksIn } from './environment.ts';
import { expandRedisUrl, URL_FIELDS } from './redis-url.ts';
import { type Config, configSchema, FOREIGN_SECTIONS, type RedisConfig, type RedisSettings } from './schema.ts';
import { faultsOf, placeOf } from './schema-faults.ts';
import { readSources, type Sources } from './sources.ts';
import { withSecrets, withUsualConnections } from './sql-environment.ts';

export interface LoadConfigOptions {
  /** Default: the environment of the process. */
  env?: Environment;
  /** Default: the working folder of the process. */
  workingDirectory?: string;
}

/**
 * The configuration of this process: the environment before `.env`, the file and the defaults. Deeply frozen;
 * folders are absolute. What `.env` says is in `process.env` then.
 *
 * @throws ConfigError with all faults at once.
 */
export function loadConfig(options: LoadConfigOptions = {}): Config {
  const env = { ...(options.env ?? ownEnvironment()) };
  for (const name of serviceLinksIn(env)) delete env[name];
  const sources = readSources(env, options.workingDirectory ?? process.cwd());
  const config = configOf(sources);
  if (!options.env) shareDotEnv(sources.dotEnv);
  return config;
}

/**
 * The Redis settings of a program that has no `config.json`: named, checked and completed as the section `redis` there.
 * Reads neither files nor the environment.
 *
 * @throws ConfigError with all faults at once.
 */
export function redisSettings(given: RedisSettings = {}): RedisConfig {
  const content = { redis: given };
  return configOf({ name: 'redisSettings', content, dotEnv: {}, environments: [], directory: process.cwd() }).redis;
}

function configOf(sources: Sources): Config {
  const faults: ConfigFault[] = [];
  const layers = sources.environments.map((env) => overridesOf(env, faults));
  const raw = layers.reduce((below, layer) => override(below, layer, faults), ownSections(sources.content, faults));
  const overrides = layers.flat().toReversed();
  // It is checked once: code compiled for it would not pay.
  const parsed = configSchema.safeParse(raw, { jitless: true });
  if (!parsed.success) faults.push(...faultsOf(parsed.error, { raw, overrides }));
  if (!parsed.success || faults.length > 0) throw new ConfigError(sources.name, faults);
  const env = Object.assign({}, ...sources.environments) as Environment;
  const sql = withSecrets(withUsualConnections(parsed.data.sql, env, faults), env);
  const config = withAbsoluteFolders({ ...parsed.data, sql }, sources.directory);
  const { tasks: named } = raw as { tasks?: { folders?: unknown } };
  if (named?.folders === undefined) config.tasks.folders = config.tasks.folders.filter((path) => existsSync(path));
  const names = Object.keys(sql.connections);
  for (const [index, name] of (config.mcp.connections ?? []).entries()) {
    if (names.includes(name)) continue;
    const path = placeOf(['mcp', 'connections', index], overrides);
    const message = `there is no SQL connection ${JSON.stringify(name)}${didYouMean(name, names)}`;
    faults.push({ path, message, fix: `write one of sql.connections: ${names.join(', ')}` });
  }
  const { tls_ca_file } = config.redis;
  if (tls_ca_file !== undefined && !holdsCertificate(tls_ca_file)) {
    const path = placeOf(['redis', 'tls_ca_file'], overrides);
    faults.push({ path, message: 'cannot be read, or holds no certificate', fix: 'name a PEM file that can be read' });
  }
  if (faults.length > 0) throw new ConfigError(sources.name, faults);
  return deepFreeze(config);
}

/** The sections of the file that are for taskwire. */
function ownSections(content: unknown, faults: ConfigFault[]): unknown {
  if (!isJsonObject(content)) return content;
  const raw = Object.fromEntries(Object.entries(content).filter(([name]) => !FOREIGN_SECTIONS.includes(name)));
  const redis = raw.redis ?? {};
  if (isJsonObject(redis)) raw.redis = expandRedisUrl(redis, 'redis.url', faults) as JsonObject;
  return raw;
}

function override(below: unknown, overrides: readonly Override[], faults: ConfigFault[]): unknown {
  if (!isJsonObject(below)) return below;
  const raw: Record<string, unknown> = { ...below };
  const url = overrides.find(({ setting }) => setting.path.join('.') === 'redis.url');
  if (url) {
    // Another URL is another server: it must not get the file's settings for its own, above all not the password.
    for (const name of URL_FIELDS) assign(raw, ['redis', name], undefined);
    const fields = expandRedisUrl({ url: url.value }, `redis.url (${url.variable})`, faults);
    for (const [name, value] of Object.entries(fields)) assign(raw, ['redis', name], value);
  }
  for (const one of overrides) {
    if (one !== url) assign(raw, one.setting.path, one.value);
  }
  return raw;
}

function assign(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [name, ...rest] = path as [string, ...string[]];
  if (rest.length === 0) {
    target[name] = value;
    return;
  }
  // A section that is not an object stays, for the schema to refuse; all others are copied, never changed.
  const section = target[name] ?? {};
  if (!isJsonObject(section)) return;
  const copy = { ...section };
  target[name] = copy;
  assign(copy, rest, value);
}

function withAbsoluteFolders(config: Config, directory: string): Config {
  const absolute = (path: string) => resolve(directory, path);
  const connections = Object.entries(config.sql.connections).map(([name, connection]) => {
    const paths = CONNECTION_PATHS.flatMap((field) => {
      const path = (connection as Readonly<Record<string, unknown>>)[field];
      return typeof path === 'string' ? [[field, absolute(path)]] : [];
    });
    return [name, { ...connection, ...Object.fromEntries(paths) }];
  });
  const { tls_ca_file, embedded } = config.redis;
  const redis = {
    ...config.redis,
    ...(tls_ca_file !== undefined && { tls_ca_file: absolute(tls_ca_file) }),
    embedded: { ...embedded, directory: absolute(embedded.directory) },
  };
  return {
    ...config,
    redis,
    tasks: { ...config.tasks, folders: config.tasks.folders.map(absolute) },
    sql: {
      ...config.sql,
      connections: Object.fromEntries(connections),
      queries_directory: absolute(config.sql.queries_directory),
    },
    results: { ...config.results, directory: absolute(config.results.directory) },
    inbox: { ...config.inbox, directory: absolute(config.inbox.directory) },
    log: { ...config.log, directory: absolute(config.log.directory) },
  };
}

function holdsCertificate(file: string): boolean {
  try {
    return readFileSync(file, 'latin1').includes('-----BEGIN CERTIFICATE-----');
  } catch {
    return false;
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const child of Object.values(value)) deepFreeze(child);
    Object.freeze(value);
  }
  return value;
}
