import type { Redis } from 'ioredis';
import { everySecond } from './every-second.ts';

const ANSWERS_WITHIN_MS = 1000;

export interface KeepAliveOptions {
  ask: () => Promise<unknown>;
  redial: boolean;
  /** In seconds. */
  interval: number;
}

/**
 * Keeps a connection alive that does not write by itself, with questions.
 *
 * @param ask what Redis is asked
 * @param redial whether to dial again when nothing came for a second although Redis answers a fresh connection. While it
 * answers neither, it is frozen or cut off: what it has delivered is still in the old connection.
 */
export function keepAlive(redis: Redis, { ask, redial, interval }: KeepAliveOptions): void {
  let seen: { stream?: Redis['stream']; bytes?: number } = {};
  let asking = false;
  const end = everySecond(async () => {
    const { stream } = redis;
    const bytes = stream?.bytesRead;
    const silent = stream && !stream.destroyed && stream === seen.stream && bytes === seen.bytes;
    seen = { stream, bytes };
    if (redis.status === 'ready') ask().catch(() => undefined);
    if (!redial || !silent || asking) return;
    asking = true;
    // Redis may have gone on in between, and answered both.
    if ((await answersAnother(redis)) && stream.bytesRead === bytes) {
      stream.destroy(new Error('Redis answers, but not on this connection'));
    }
    asking = false;
  }, interval);
  redis.once('end', end);
}

async function answersAnother(redis: Redis): Promise<boolean> {
  const once = { retryStrategy: () => null, connectTimeout: ANSWERS_WITHIN_MS, commandTimeout: ANSWERS_WITHIN_MS };
  const fresh = redis.duplicate(once);
  fresh.on('error', () => undefined);
  const answered = await fresh.ping().catch(() => undefined);
  fresh.disconnect();
  return answered !== undefined;
}
