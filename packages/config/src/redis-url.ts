import type { ConfigFault } from './config-error.ts';

/** The fields that a Redis URL of the environment replaces: what it stands for, and what finds a server otherwise. */
export const URL_FIELDS = ['host', 'port', 'username', 'password', 'tls', 'db', 'sentinels', 'cluster'] as const;

/**
 * Replaces `url` of a raw Redis section with the fields that it stands for; fields given next to it win.
 *
 * @param path of the URL, for the fault, which does not repeat the URL: it may contain a password.
 */
export function expandRedisUrl(section: Record<string, unknown>, path: string, faults: ConfigFault[]) {
  const { url, ...fields } = section;
  if (url === undefined) return section;
  const parsed = typeof url === 'string' && isDecodable(url) ? URL.parse(url) : null;
  const { db: dbParameter = '', ...unknown } = Object.fromEntries(parsed?.searchParams ?? []);
  const db = parsed?.pathname.replace(/^\/|\/$/g, '') || dbParameter;
  const isRedis = parsed && ['redis:', 'rediss:'].includes(parsed.protocol) && parsed.hostname !== '';
  // A `#` or `?` may belong to a password that is not encoded: then the host before it is not the one meant.
  const leftOver = parsed?.hash || Object.keys(unknown).length > 0;
  if (!isRedis || leftOver || !/^\d*$/.test(db)) {
    faults.push({
      path,
      message: isRedis && leftOver ? 'has parts behind # or ? that taskwire does not know' : 'is not a Redis URL',
      fix: 'write redis[s]://user:password@host:port/db, with special characters percent-encoded',
    });
    return fields;
  }
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    tls: parsed.protocol === 'rediss:',
    ...(parsed.port && { port: Number(parsed.port) }),
    ...(parsed.username && { username: decodeURIComponent(parsed.username) }),
    ...(parsed.password && { password: decodeURIComponent(parsed.password) }),
    ...(db && { db: Number(db) }),
    ...fields,
  };
}

/** A `%` in a password must be written as `%25`. */
function isDecodable(url: string): boolean {
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
}
