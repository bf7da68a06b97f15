import type { RedisConfig } from '@taskwire/config';
import { addressOf, type RedisRefusal, refusalOf } from '@taskwire/redis';
import type { Redis } from 'ioredis';
import type { Finding, RedisStatus } from './installation-status.ts';

/** At this one, Redis' default, a processor that is busy for 4 s under load is cut off. */
const SMALL_BUFFER_BYTES = 32 * 1024 ** 2;

/** The state of Redis itself, and how it is set up for the worst. What it does not let us ask is not known. */
export async function readRedis(
  redis: Redis,
  config: RedisConfig,
): Promise<{ redis: RedisStatus; settings: Finding[] }> {
  const [info, answer, refusal] = await Promise.all([
    redis.info().catch(() => ''),
    redis.config('GET', 'save', 'client-output-buffer-limit').catch(() => []) as Promise<string[]>,
    refusalOfWrites(redis, config.key_prefix),
  ]);
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
  const setting = (name: string) => answer[answer.indexOf(name) + 1] ?? '';
  const settings: Finding[] = [];
  const policy = field('maxmemory_policy') ?? 'noeviction';
  if (policy !== 'noeviction') {
    const detail = `When it is full (maxmemory-policy ${policy}), they get no result. Run: redis-cli config set maxmemory-policy noeviction`;
    settings.push({ level: 'bad', about: 'redis', title: 'Redis may throw away tasks', detail });
  }
  if (answer.length > 0 && field('aof_enabled') === '0' && setting('save') === '') {
    const detail = 'When it stops, tasks and results are lost. Run: redis-cli config set appendonly yes';
    settings.push({ level: 'note', about: 'redis', title: 'Redis writes nothing to disk', detail });
  }
  const buffer = Number(/pubsub (\d+)/.exec(setting('client-output-buffer-limit'))?.[1] ?? 0);
  if (buffer > 0 && buffer <= SMALL_BUFFER_BYTES) {
    const detail =
      'It cuts off a processor that is busy for seconds, and what is published meanwhile is lost. Run: redis-cli config set client-output-buffer-limit "pubsub 512mb 256mb 60"';
    settings.push({ level: 'note', about: 'redis', title: 'Redis holds little for slow subscribers', detail });
  }
  const count = (name: string) => (field(name) === undefined ? null : Number(field(name)));
  const counts = { used_memory_bytes: count('used_memory'), connected_clients: count('connected_clients') };
  const version = field('valkey_version') ?? field('redis_version') ?? 'unknown';
  return { redis: { address: addressOf(config), version, ...counts, refusal }, settings };
}

/** What it answers to a script that writes, as heartbeats are: they are refused for the same reason. */
async function refusalOfWrites(redis: Redis, keyPrefix: string): Promise<RedisRefusal | null> {
  try {
    await redis.eval("return redis.call('SET', KEYS[1], '', 'PX', 1)", 1, `${keyPrefix}:probe`);
    return null;
  } catch (error) {
    const refusal = refusalOf(error);
    if (!refusal) throw error;
    return refusal;
  }
}
