import { setTimeout as delay } from 'node:timers/promises';
import { redisTime } from '@taskwire/redis';
import type { Redis } from 'ioredis';
import { readBeats, SILENT_AFTER_MS } from '../status/read-services.ts';
import { type Beat, FORMAT } from './beat.ts';

export interface RefuseOtherFormatsOptions {
  /** A connection that waits while Redis is away. */
  redis: Redis;
  keyPrefix: string;
  /** How long services of another format may take to end. Default: 12 s, in which even a killed one falls silent. */
  timeoutMs?: number;
}

const LOOK_INTERVAL_MS = 250;

/** Services of a version with another format of jobs and records use the same Redis. */
export class OtherFormatError extends Error {
  readonly code = 'other_format';

  constructor(others: readonly Beat[]) {
    const names = others.map(({ service, version, pid, host }) => `${service} ${version} (pid ${pid} on ${host})`);
    const remedy = others.some(({ format = 1 }) => format > FORMAT)
      ? 'Stop it first, or run its version here, too.'
      : 'Stop it first; this version finishes the tasks that it accepted.';
    super(
      `Another version of taskwire uses this Redis and cannot share tasks with this one: ${names.join(', ')}. ${remedy}`,
    );
    this.name = 'OtherFormatError';
  }
}

/**
 * Makes sure that no service of another format uses the same keys. It waits for those that are just stopping.
 *
 * @throws OtherFormatError when one still runs in the end.
 */
export async function refuseOtherFormats({ redis, keyPrefix, timeoutMs = 12_000 }: RefuseOtherFormatsOptions) {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const [now, beats] = await Promise.all([redisTime(redis), readBeats(redis, keyPrefix)]);
    const others = beats.filter(({ format = 1, at }) => format !== FORMAT && now - at <= SILENT_AFTER_MS);
    if (others.length === 0) return;
    if (performance.now() >= end) throw new OtherFormatError(others);
    await delay(LOOK_INTERVAL_MS);
  }
}
