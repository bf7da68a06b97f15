import type { PrivateRedis } from '@taskwire/testing';

/** What a Redis has counted since its last `CONFIG RESETSTAT`. */
export interface RedisCounts {
  /** Also those in scripts. */
  commands: number;
  scripts: number;
  bytesIn: number;
  bytesOut: number;
}

export async function redisCounts(redis: PrivateRedis): Promise<RedisCounts> {
  const calls = [...(await info(redis, 'commandstats')).matchAll(/^cmdstat_(.+?):calls=(\d+)/gm)];
  const sum = (chosen: typeof calls) => chosen.reduce((total, [, , count]) => total + Number(count), 0);
  const stats = await info(redis, 'stats');
  const bytes = (way: string) => Number(new RegExp(`^total_net_${way}_bytes:(\\d+)`, 'm').exec(stats)?.[1]);
  return {
    commands: sum(calls),
    scripts: sum(calls.filter(([, name]) => name === 'evalsha' || name === 'eval')),
    bytesIn: bytes('input'),
    bytesOut: bytes('output'),
  };
}

export async function usedMemory(redis: PrivateRedis): Promise<number> {
  return Number(/^used_memory:(\d+)/m.exec(await info(redis, 'memory'))?.[1]);
}

async function info(redis: PrivateRedis, section: string): Promise<string> {
  return String(await redis.command('INFO', section));
}
