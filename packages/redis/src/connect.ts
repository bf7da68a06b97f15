import type { RedisConfig } from '@taskwire/config';
import { Redis, type RedisOptions } from 'ioredis';
import { keepAlive } from './keep-alive.ts';

/**
 * What a connection is for.
 *
 * - `command`: commands of a service. While Redis is away they wait; they are sent when it is back.
 * - `subscriber`: holds subscriptions. It dials again when Redis answers others but not it, and waits for a frozen Redis.
 * - `client`: commands or subscriptions of a program that asks taskwire for something. While Redis is away they fail
 *   within a second, and within 3 s when it does not answer.
 */
export type ConnectionRole = 'command' | 'subscriber' | 'client';

export interface ConnectOptions {
  config: RedisConfig;
  role: ConnectionRole;
  /** Shown by CLIENT LIST, as `taskwire:processor`. */
  name: string;
  /** Called for every failed attempt to connect and every lost connection. */
  onError?: (error: Error) => void;
}

const NO_SUCH_DATABASE = /DB index is out of range|SELECT is not allowed/;

// A frozen or half-open Redis keeps the socket `ready`: only a missing answer shows it. BullMQ's blocking
// connections, copies of a `command` connection, wait up to 10 s for a job by design, so the limit is above that.
const ROLES: Record<ConnectionRole, Omit<RedisOptions, 'replyMapping'>> = {
  command: { maxRetriesPerRequest: null, socketTimeout: 12_000 },
  subscriber: { maxRetriesPerRequest: null },
  client: { maxRetriesPerRequest: 2, connectTimeout: 3000, commandTimeout: 3000 },
};

/** Opens a connection in its role. It dials at once, and after each failure or cut again, for ever, at most 1 s apart. */
export function connect({ config, role, name, onError }: ConnectOptions): Redis {
  // ioredis' own type does not fit its constructor under exactOptionalPropertyTypes.
  const options: Omit<RedisOptions, 'replyMapping'> = {
    host: config.host,
    port: config.port,
    db: config.db,
    ...(config.username !== undefined && { username: config.username }),
    ...(config.password !== undefined && { password: config.password }),
    ...(config.tls && { tls: {} }),
    connectionName: `taskwire:${name}`,
    // Measured: with BullMQ's own back-off of up to 20 s, consuming resumed 18 s after an outage; so it takes 0.4 s.
    retryStrategy: (attempt) => Math.min(attempt * 100, 1000),
    ...ROLES[role],
  };
  const redis = new Redis(options);
  // Without a listener ioredis prints every error itself.
  redis.on('error', (error) => {
    // ioredis would go on in database 0, which another program may use.
    if (NO_SUCH_DATABASE.test(error.message)) redis.disconnect();
    onError?.(error);
  });
  if (role !== 'command') keepAlive(redis, { redial: role === 'subscriber' });
  return redis;
}

/** The address for people, without user and password. */
export function addressOf(config: RedisConfig): string {
  const host = config.host.includes(':') ? `[${config.host}]` : config.host;
  return `${config.tls ? 'rediss' : 'redis'}://${host}:${config.port}/${config.db}`;
}
