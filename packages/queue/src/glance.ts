import type { TaskPlace } from '@taskwire/store';
import type { Redis } from 'ioredis';
import { isShared } from './task-job.ts';

/** A little of a job: when it came, when its latest run began, and what that tells. */
export interface Glance {
  /** The type of its task; undefined when several share it. */
  type: string | undefined;
  acceptedMs: number;
  startedMs: number | undefined;
  isRunning: boolean;
  progress: { progress: number; message?: string } | null;
}

/** Looks at a job without BullMQ, for programs that must stay small; undefined when it is gone. */
export async function glanceAt(
  redis: Redis,
  keyPrefix: string,
  { taskId, place }: { taskId: string; place: TaskPlace },
): Promise<Glance | undefined> {
  const key = `${keyPrefix}:${place.queue}:${place.jobId}`;
  const [fields, locks] = await Promise.all([
    redis.hmget(key, 'name', 'timestamp', 'processedOn', 'progress'),
    redis.exists(`${key}:lock`),
  ]);
  const [name, timestamp, processedOn, progress] = fields;
  if (!timestamp) return undefined;
  const told = JSON.parse(progress ?? 'null');
  const shown = isShared(place.jobId) ? told?.[taskId] : told;
  return {
    type: isShared(place.jobId) ? undefined : (name ?? undefined),
    acceptedMs: Number(timestamp),
    startedMs: processedOn ? Number(processedOn) : undefined,
    isRunning: locks === 1,
    progress: typeof shown?.progress === 'number' ? { ...shown, progress: shown.progress / 100 } : null,
  };
}
