import type { RedisConfig } from '@taskwire/config';
import { parseMessage, rejectionKey, resultKey, type TaskResult, taskKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';
import type { Listener } from './listener.ts';

/**
 * What is known about a task id.
 *
 * - `finished`: it has its result.
 * - `pending`: it was accepted and has no result yet.
 * - `rejected`: a message named it but did not become a task.
 * - `unknown`: there is no such task, or its result has expired.
 */
export type TaskState =
  | { status: 'finished'; result: TaskResult }
  | { status: 'pending' }
  | { status: 'rejected'; result: TaskResult }
  | { status: 'unknown' };

/** Where to learn of tasks. */
export interface TaskSources {
  listener: Listener;
  channels: Pick<RedisConfig['channels'], 'events' | 'results'>;
  /** Looks a task up in the store. */
  lookUp: (taskId: string) => Promise<TaskState>;
}

/** Looks a task up, in one round trip. */
export async function lookUp(redis: Redis, keyPrefix: string, taskId: string): Promise<TaskState> {
  const keys = [resultKey(keyPrefix, taskId), taskKey(keyPrefix, taskId), rejectionKey(keyPrefix, taskId)];
  const [result, task, rejection] = await redis.mget(keys);
  if (result) return { status: 'finished', result: parseMessage(result) as TaskResult };
  if (task) return { status: 'pending' };
  if (!rejection) return { status: 'unknown' };
  return { status: 'rejected', result: parseMessage(rejection) as TaskResult };
}
