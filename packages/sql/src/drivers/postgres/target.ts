import type { ConnectionOptions } from 'node:tls';
import type { PostgresOptions } from './options.ts';

/** Which database, and as whom. */
export interface Target {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly tls: TlsMode;
  readonly caCertificate: string | undefined;
}

type TlsMode = NonNullable<PostgresOptions['tls']>;

const TLS_MODES = ['disable', 'require', 'verify-full'] as const;
/** Parameters of a URL that change nothing for us. */
const HARMLESS = ['application_name', 'channel_binding', 'connect_timeout', 'pgbouncer', 'sslnegotiation'];

/**
 * The options with those of the URL: fields next to the URL win.
 *
 * @throws {RangeError} when something is missing, or the URL has an unknown parameter. It does not show the URL.
 */
export function targetOf(options: PostgresOptions): Target {
  const url = options.url === undefined ? {} : partsOf(options.url);
  const user = options.user ?? url.user;
  if (user === undefined) throw new RangeError('PostgreSQL: the user is missing');
  return {
    host: options.host ?? url.host ?? 'localhost',
    port: options.port ?? url.port ?? 5432,
    database: options.database ?? url.database ?? user,
    user,
    password: options.password ?? url.password,
    tls: options.tls ?? url.tls ?? 'disable',
    caCertificate: options.caCertificate,
  };
}

/** For Node's TLS, or false for none. The caller adds `host` or `servername`. */
export function tlsOptions({ tls, caCertificate }: Target): ConnectionOptions | false {
  if (tls === 'disable') return false;
  return { rejectUnauthorized: tls === 'verify-full', ...(caCertificate === undefined ? {} : { ca: caCertificate }) };
}

/** `host:port`, for a person. */
export function addressOf({ host, port }: Target): string {
  if (isSocketFolder(host)) return `${host}/.s.PGSQL.${port}`;
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function isSocketFolder(host: string): boolean {
  return host.startsWith('/');
}

type Parts = Partial<Omit<Target, 'caCertificate'>>;

function partsOf(text: string): Parts {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new RangeError('PostgreSQL: the URL must look like postgres://user:password@host:port/database');
  }
  // What is behind #, ? or / may belong to a password: then the host before it is not the one meant.
  if (text.includes('#'))
    throw new RangeError('PostgreSQL: the URL has a part behind #; in a password, # is written %23');
  if (!url.username && !url.searchParams.has('user') && (url.pathname + url.search).includes('@')) {
    throw new RangeError('PostgreSQL: the URL has an @ behind / or ?; in a password, they are written %2F and %3F');
  }
  const parameters = new Map(url.searchParams);
  const take = (name: string): string | undefined => {
    const value = parameters.get(name);
    parameters.delete(name);
    return value === '' ? undefined : value;
  };
  const given = {
    host: take('host') ?? part(url.hostname.replace(/^\[(.*)\]$/, '$1')),
    port: portOf(take('port') ?? url.port),
    database: take('dbname') ?? part(url.pathname.slice(1)),
    user: take('user') ?? part(url.username),
    password: take('password') ?? part(url.password),
    tls: tlsModeOf(take('sslmode')),
  };
  const unknown = [...parameters.keys()].filter((name) => !HARMLESS.includes(name));
  if (unknown.length > 0) throw new RangeError(`PostgreSQL: the URL has unknown parameters: ${unknown.join(', ')}`);
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function part(encoded: string): string | undefined {
  if (encoded === '') return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new RangeError('PostgreSQL: the URL has a % that is not followed by two hexadecimal digits; write %25');
  }
}

function portOf(text: string): number | undefined {
  if (text === '') return undefined;
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new RangeError('PostgreSQL: the URL has a wrong port');
  return port;
}

function tlsModeOf(text: string | undefined): TlsMode | undefined {
  if (text === undefined) return undefined;
  const mode = TLS_MODES.find((known) => known === text);
  if (mode === undefined) {
    throw new RangeError(`PostgreSQL: the URL's sslmode must be one of ${TLS_MODES.join(', ')}`);
  }
  return mode;
}
