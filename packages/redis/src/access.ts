import type { RedisConfig } from '@taskwire/config';
import { addressOf, connect } from './connect.ts';

/** What the scripts of BullMQ and taskwire, and taskwire itself, use; `K` is the key. */
const COMMANDS = `
  DEL K, UNLINK K, EXISTS K, TYPE K, RENAME K K, EXPIRE K 1, PEXPIRE K 1, PEXPIREAT K 1, PERSIST K, PTTL K, GET K,
  MGET K, SET K x, INCR K, INCRBY K 1, STRLEN K, HSET K f x, HMSET K f x, HSETNX K f x, HGET K f, HMGET K f, HGETALL K,
  HKEYS K, HVALS K, HDEL K f, HEXISTS K f, HLEN K, HINCRBY K f 1, HINCRBYFLOAT K f 1, HSCAN K 0, LPUSH K x, RPUSH K x, LPOP K,
  RPOP K, RPOPLPUSH K K, LLEN K, LRANGE K 0 0, LTRIM K 0 0, LREM K 0 x, LSET K 0 x, LINDEX K 0, LPOS K x, SADD K x,
  SREM K x, SCARD K, SMEMBERS K, SISMEMBER K x, SSCAN K 0, ZADD K 1 x, ZREM K x, ZCARD K, ZCOUNT K 0 1, ZSCORE K x,
  ZRANGE K 0 0, ZREVRANGE K 0 0, ZRANGEBYSCORE K 0 1, ZREVRANGEBYSCORE K 1 0, ZRANGEBYLEX K - +, ZLEXCOUNT K - +,
  ZREMRANGEBYSCORE K 0 1, ZREMRANGEBYRANK K 0 0, ZPOPMIN K, BZPOPMIN K 1, XADD K * f x, XDEL K 0-1, XLEN K,
  XRANGE K - +, XREVRANGE K + -, XTRIM K MAXLEN 1, XREAD STREAMS K 0, XREADGROUP GROUP g c STREAMS K >, XACK K g 0-1,
  XGROUP CREATE K g 0, XAUTOCLAIM K g c 1 0, XPENDING K g, XINFO STREAM K, MEMORY USAGE K, TIME, EVAL x 1 K, EVALSHA x 1 K,
  SCRIPT EXISTS x, SCRIPT LOAD x, PUBSUB NUMSUB x
`
  .split(',')
  .map((command) => command.trim());

/** The user of Redis may not do what a service needs. The message says what to add to its rules. */
export class RedisAccessError extends Error {
  readonly code = 'redis_access';

  constructor(config: RedisConfig, service: string, rules: readonly string[]) {
    const user = config.username ?? 'default';
    super(
      `Redis at ${addressOf(config)} refuses its user "${user}" what the ${service} needs.\n` +
        `  fix: ACL SETUSER ${user} ${rules.join(' ')}\n  Rules for each service: docs/redis.md`,
    );
    this.name = 'RedisAccessError';
  }
}

export interface CheckAccessOptions {
  config: RedisConfig;
  service: string;
  /** Whether it hears or sends requests; others only answer them. */
  requests: boolean;
  /** Gives up waiting for Redis. */
  signal: AbortSignal;
}

/**
 * Finds out whether Redis allows all that a service needs, before that matters: with `rpush` denied, a script of BullMQ ended
 * in its middle and accepted tasks were lost. Nothing is run: Redis checks the rules when a transaction is put together, which
 * is then discarded. Resolves when Redis has answered, or with the signal.
 *
 * @throws RedisAccessError
 */
export async function checkAccess({ config, service, requests, signal }: CheckAccessOptions): Promise<void> {
  const { channels, key_prefix } = config;
  const redis = connect({ config, role: 'subscriber', name: `${service}:access` });
  signal.addEventListener('abort', () => redis.disconnect());
  try {
    await redis.ping();
    // After a cut, what is sent again would be outside the transaction.
    redis.options.retryStrategy = () => null;
    const probe = `${key_prefix}:probe`;
    const own = [channels.results, 'resultsprobe', channels.events, probe];
    const heard = requests ? [...channels.tasks, channels.cancel, ...own] : own;
    const missing = new Set<string>();
    const ask = async (name: string, ...args: string[]) => {
      const denied = await redis.call(name, ...args).then(() => '', deniedIn);
      if (denied === 'command') missing.add(`+${name.toLowerCase()}`);
      if (denied === 'key') missing.add(`~${key_prefix}:*`);
      if (denied === 'channel') missing.add(`&${args[0]?.replace(/probe$/, '*')}`);
    };
    await ask('MULTI');
    if (missing.size > 0) throw new RedisAccessError(config, service, ['+@transaction']);
    const commands = COMMANDS.map((command) => command.replace(/\bK\b/g, probe).split(' ') as [string]);
    await Promise.all([
      ...commands.map((command) => ask(...command)),
      ...heard.map((channel) => ask('PUBLISH', channel, 'x')),
    ]);
    await ask('DISCARD');
    // ioredis cannot be told that these are only queued; nobody but this hears the channel.
    await ask('SUBSCRIBE', probe);
    await ask('UNSUBSCRIBE', probe);
    if (missing.size > 0) throw new RedisAccessError(config, service, [...missing]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    redis.disconnect();
  }
}

/** What Redis denies with an error; empty if it is another error. */
function deniedIn({ message }: Error): '' | 'command' | 'key' | 'channel' {
  if (!message.startsWith('NOPERM')) return '';
  if (/ channels? |channel$/.test(message)) return 'channel';
  return /keys? (used|with)|a key$/.test(message) ? 'key' : 'command';
}
