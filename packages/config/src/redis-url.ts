import type { ConfigFault } from './config-error.ts';

/** The fields that a Redis URL of the environment replaces: what it stands for, and what finds a server otherwise. */
export const URL_FIELDS = ['host', 'port', 'username', 'password', 'tls', 'db', 'sentinels', 'cluster'] as const;

const FORMS = 'redis[s]://user:password@host:port/db, or unix:/path/redis.sock?db=0';
const ENCODED = 'of user and password percent-encoded: % as %25, # as %23, ? as %3F, / as %2F, @ as %40';

type Fault = Omit<ConfigFault, 'path'>;

const NO_TEXT: Fault = { message: 'is no text', fix: `write ${FORMS}` };

/**
 * Replaces `url` of a raw Redis section with the fields that it stands for; fields given next to it win.
 *
 * @param path of the URL, for the fault, which never repeats what may be a piece of a password.
 */
export function expandRedisUrl(section: Record<string, unknown>, path: string, faults: ConfigFault[]) {
  const { url, ...fields } = section;
  if (url === undefined) return section;
  const { fault, ...read } = typeof url === 'string' ? readUrl(url.trim()) : { fault: NO_TEXT };
  if (fault) faults.push({ path, ...fault });
  return { ...read, ...fields };
}

function readUrl(url: string): { fault: Fault } | { fault?: never; [field: string]: unknown } {
  const fault = (message: string, fix = `write ${FORMS}, with special characters ${ENCODED}`) => ({
    fault: { message, fix },
  });
  if (url === '') return fault('is empty', `remove it, or write ${FORMS}`);
  if (/^["']/.test(url)) return fault('begins with a quotation mark', 'remove the quotation marks');
  const scheme = /^(rediss?|unix):/i.exec(url)?.[1]?.toLowerCase();
  if (!scheme) return fault('is not a Redis URL: it begins neither with redis:// or rediss:// nor with unix:');
  if (!isDecodable(url)) return fault('has a % that begins no percent-encoded character');
  // What is behind it may belong to a password: then the host before it is not the one meant.
  if (url.includes('#')) return fault('has a part behind #', 'remove it; in a password, # is written %23');
  // A URL with a user needs a host.
  const parsed = URL.parse(url.replace(/^unix:(\/\/([^/?]*@)?)?(?=\/(?!\/))/i, 'unix://$2localhost'));
  const hosts = parsed?.hostname ?? url.slice(url.lastIndexOf('@') + 1);
  if (/^[^/]*,/.test(hosts.replace(/^\w+:\/\//, ''))) {
    return fault('names several hosts', 'name them in redis.cluster or redis.sentinels, as host:port');
  }
  if (!parsed) return fault('is not a Redis URL: its host or port cannot be read');
  const { hostname, port, username, password, pathname, searchParams } = parsed;
  const isSocket = scheme === 'unix';
  if (isSocket && hostname !== 'localhost') return fault('names no absolute path of a socket', `write ${FORMS}`);
  if (hostname === '') return fault('is not a Redis URL: it names no host');
  const other = [...searchParams.keys()].find((name) => name !== 'db');
  if (other !== undefined) {
    const isName = /^[a-z_]{1,40}$/i.test(other) && searchParams.get(other) && !parsed.search.includes('@');
    const what = isName ? `the parameter ${other}` : 'a part behind ?';
    return fault(`has ${what}`, 'remove it: only ?db=0 may follow; in a password, ? is written %3F');
  }
  const path = isSocket ? '' : pathname.replace(/^\/|\/$/g, '');
  const [db, ...more] = new Set([...(path === '' ? [] : [path]), ...searchParams.getAll('db')]);
  if (more.length > 0) return fault('names more than one database', 'name one, as /0');
  if (db !== undefined && !/^\d+$/.test(db)) {
    return fault('names a database that is no number', 'write its number, as /0; in a password, / is written %2F');
  }
  return {
    host: isSocket ? decodeURIComponent(pathname) : hostname.replace(/^\[(.*)\]$/, '$1'),
    tls: scheme === 'rediss',
    ...(port && { port: Number(port) }),
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    ...(db && { db: Number(db) }),
  };
}

function isDecodable(url: string): boolean {
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
}
