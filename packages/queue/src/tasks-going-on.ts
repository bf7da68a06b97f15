import { createLogger } from '@taskwire/service';
import { TaskStore, type TaskStoreOptions } from '@taskwire/store';
import { openQueues } from './queues.ts';
import { type JobTask, tasksOf } from './task-job.ts';

/** `redis`: a connection that fails when Redis is away. */
export interface TasksGoingOnOptions extends TaskStoreOptions {
  queue: string;
  /** So many jobs of each state are read: tasks that were begun are the next ones of their queue. */
  most: number;
}

/** The tasks of which something may go on elsewhere without a worker: they have a checkpoint, and no result. */
export async function tasksGoingOn({ queue: name, most, config, redis }: TasksGoingOnOptions): Promise<JobTask[]> {
  const logger = createLogger({ service: 'stop', level: 'silent' });
  const keyPrefix = config.redis.key_prefix;
  const [queue] = (await openQueues({ names: [name], keyPrefix, connection: redis, logger })).values();
  // BullMQ takes those of a paused queue for waiting.
  const jobs = (await queue?.getJobs(['active', 'waiting', 'prioritized', 'delayed'], 0, most - 1, true)) ?? [];
  const tasks = jobs.flatMap(tasksOf);
  const store = new TaskStore({ redis, config });
  const places = await Promise.all(tasks.map(({ task_id }) => store.placeOf(task_id)));
  return tasks.filter((_, index) => places[index]?.hasCheckpoint);
}
