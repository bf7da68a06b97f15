import type { RedisConfig } from '@taskwire/config';
import { tasksStreamKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';
import { NoProcessorError } from './errors.ts';

/**
 * The way of requests and cancels to the processors.
 *
 * - `stream`: they wait in Redis until a processor has taken them. Nothing is lost, also when none runs just now.
 * - `channel`: by PUBLISH, which fails at once when no processor listens, and loses what one has not taken when it dies.
 */
export type Way = 'stream' | 'channel';

export interface Sent {
  /** Whether no processor has taken it yet; false if that cannot be known. */
  isWaiting: () => Promise<boolean>;
}

/** What is sent: a request or a cancel, as JSON. */
export type Kind = 'message' | 'cancel';

/** Sends a request or a cancel. @throws NoProcessorError by the channel, when nobody hears it; the faults of Redis */
export async function send(redis: Redis, config: RedisConfig, way: Way, kind: Kind, text: string): Promise<Sent> {
  if (way === 'channel') {
    const channel = kind === 'message' ? config.channels.tasks[0] : config.channels.cancel;
    const receivers = await redis.publish(channel, text);
    // A node of a cluster counts only those that listen there.
    if (receivers === 0 && config.cluster.length === 0) throw new NoProcessorError(channel);
    return { isWaiting: async () => false };
  }
  const key = tasksStreamKey(config.key_prefix);
  const id = (await redis.xadd(key, '*', kind, text)) as string;
  return { isWaiting: async () => (await redis.xrange(key, id, id)).length > 0 };
}
