import { readFileSync } from 'node:fs';
import type { RedisConfig } from '@taskwire/config';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { keepAlive } from './keep-alive.ts';
import { checkWithWrite, isNotNow, isNotOurs } from './ready-check.ts';

/**
 * What a connection is for.
 *
 * - `command`: commands of a service. While Redis is away they wait; they are sent when it is back.
 * - `subscriber`: holds subscriptions. It dials again when Redis answers others but not it, and waits for a frozen Redis.
 * - `listener`: the same for who can do without: it also looks for what it may have missed, so a dead connection may be noticed later.
 * - `client`: commands or subscriptions of a program that asks taskwire for something. While Redis is away they fail
 *   within a second, and within 3 s when it does not answer.
 */
export type ConnectionRole = 'command' | 'subscriber' | 'listener' | 'client';

export interface ConnectOptions {
  config: RedisConfig;
  role: ConnectionRole;
  /** Shown by CLIENT LIST, as `taskwire:processor`. */
  name: string;
  /** Called for every failed attempt to connect and every lost connection. */
  onError?: (error: Error) => unknown;
}

const NO_SUCH_DATABASE = /DB index is out of range|SELECT is not allowed/;

const retryDelayOf = (attempt: number) => Math.min(attempt * 100, 1000);

// A frozen or half-open Redis keeps the socket `ready`: only a missing answer shows it. BullMQ's blocking
// connections, copies of a `command` connection, wait up to 10 s for a job by design, so the limit is above that.
const ROLES: Record<ConnectionRole, Omit<RedisOptions, 'replyMapping'>> = {
  command: { maxRetriesPerRequest: null, socketTimeout: 12_000 },
  subscriber: { maxRetriesPerRequest: null },
  listener: { maxRetriesPerRequest: null },
  client: { maxRetriesPerRequest: 2, connectTimeout: 3000, commandTimeout: 3000 },
};

/**
 * Opens a connection in its role. It dials at once, and after each failure or cut again, for ever, at most 1 s apart; also
 * when the server has become a replica.
 *
 * On a cluster it is a client of all nodes, which has the commands, events and states of `Redis` that taskwire uses.
 */
export function connect(options: ConnectOptions): Redis {
  const { config, role, onError } = options;
  const redis = dial(options);
  // Without a listener ioredis prints every error itself.
  redis.on('error', (error: Error & { command?: unknown }) => {
    // An AUTH with the password, which would be printed with the error.
    delete error.command;
    // ioredis would go on in database 0, which another program may use.
    if (NO_SUCH_DATABASE.test(error.message)) redis.disconnect();
    onError?.(error);
  });
  // By a write: what is published at a new primary is not counted for those who listen at a replica.
  const ask = () => redis.del(probeKey(config));
  if (role === 'subscriber') keepAlive(redis, { ask, redial: true, interval: 1 });
  if (role === 'listener') keepAlive(redis, { ask, redial: true, interval: 10 });
  if (role === 'client') keepAlive(redis, { ask: () => redis.ping(), redial: false, interval: 10 });
  return redis;
}

function dial({ config, role, name }: ConnectOptions): Redis {
  const { cluster, sentinels, tls_ca_file } = config;
  const trusted = tls_ca_file === undefined ? {} : { ca: readFileSync(tls_ca_file) };
  // ioredis' own type does not fit its constructor under exactOptionalPropertyTypes.
  const options: Omit<RedisOptions, 'replyMapping'> = {
    ...placeOf(config),
    db: config.db,
    ...(config.username !== undefined && { username: config.username }),
    ...(config.password !== undefined && { password: config.password }),
    ...(config.tls && { tls: trusted, enableTLSForSentinelMode: true }),
    ...(sentinels.length > 0 && {
      sentinels: [...sentinels],
      name: config.sentinel_master,
      ...(config.sentinel_username !== undefined && { sentinelUsername: config.sentinel_username }),
      ...(config.sentinel_password !== undefined && { sentinelPassword: config.sentinel_password }),
      ...(config.sentinel_tls && { sentinelTLS: trusted }),
      // The machine of one of them, and of the primary, may be gone: the others must be asked soon.
      connectTimeout: 1000,
      sentinelCommandTimeout: 1000,
      // In a planned failover the old primary goes on for 10 s, and what it takes then is lost: the Sentinels tell at once.
      failoverDetector: true,
      sentinelReconnectStrategy: retryDelayOf,
    }),
    connectionName: `taskwire:${name}`,
    // Measured: with BullMQ's own back-off of up to 20 s, consuming resumed 18 s after an outage; so it takes 0.4 s.
    retryStrategy: retryDelayOf,
    reconnectOnError: cluster.length === 0 ? isNotOurs : isNotNow,
    ...ROLES[role],
  };
  if (cluster.length === 0) return checkWithWrite(new Redis(options), probeKey(config), isNotOurs);
  if (role === 'command' || role === 'client') return dialCluster(config, role, options);
  // Every node hears what is published at any. The cluster client would not say that it lost its subscription.
  const redis = checkWithWrite(new Redis({ ...options, ...cluster[0] }), probeKey(config), isNotNow);
  redis.options.retryStrategy = (attempt) => {
    Object.assign(redis.options, cluster[attempt % cluster.length]);
    return retryDelayOf(attempt);
  };
  return redis;
}

function dialCluster(config: RedisConfig, role: ConnectionRole, options: Omit<RedisOptions, 'replyMapping'>): Redis {
  const cluster = new Cluster([...config.cluster], {
    redisOptions: { ...options, enableReadyCheck: false, reconnectOnError: null },
    clusterRetryStrategy: retryDelayOf,
    ...(role === 'command' && { maxRedirections: Number.POSITIVE_INFINITY }),
    // Certificates are for names, not for the addresses that they lead to.
    ...(config.tls && { dnsLookup: (name: string, found: (e: null, at: string) => void) => found(null, name) }),
  });
  // By itself it lets commands wait, whatever they are for.
  const { flushQueue } = cluster as unknown as { flushQueue: (error: Error) => void };
  if (role === 'client') cluster.on('error', flushQueue.bind(cluster));
  return cluster as unknown as Redis;
}

/** Never exists: deleting it shows whether the server takes writes. */
function probeKey(config: RedisConfig): string {
  return `${config.key_prefix}:probe`;
}

/** Where one server is: its host and port, or its Unix socket. */
export function placeOf({ host, port }: RedisConfig) {
  return host.startsWith('/') ? { path: host } : { host, port };
}

/** The address for people, without user and password. */
export function addressOf(config: RedisConfig): string {
  const { cluster, sentinels, sentinel_master, host, db } = config;
  const isSocket = cluster.length + sentinels.length === 0 && host.startsWith('/');
  if (isSocket) return `unix:${host}${db > 0 ? `?db=${db}` : ''}`;
  const scheme = config.tls ? 'rediss' : 'redis';
  if (cluster.length > 0) return `${scheme}://${cluster.map(hostAndPort).join(',')}`;
  const at = sentinels.length > 0 ? `${sentinels.map(hostAndPort).join(',')}/${sentinel_master}` : hostAndPort(config);
  return `${scheme}${sentinels.length > 0 ? '+sentinel' : ''}://${at}/${db}`;
}

function hostAndPort({ host, port }: { host: string; port: number }): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
