import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'bullmq';
import { Announcer } from './announce/announcer.ts';
import { openConnection } from './connections.ts';
import { executeJob, RetryLater } from './execute/execute-job.ts';
import { logQueueFaults } from './queue-faults.ts';
import { type RunnableTasksOptions, runnableTasks } from './runnable-tasks.ts';
import type { Service, ServiceContext } from './service.ts';
import type { TaskJobData, TaskJobReturn } from './task-job.ts';

export interface TaskWorkerOptions extends ServiceContext, RunnableTasksOptions {
  /** Tasks at a time, per queue. */
  concurrency: number;
}

/** How long jobs may take to go back to their queue once they were told to; Redis may be away just then. */
const RETURN_TIMEOUT_MS = 3000;

/**
 * A service that runs the tasks of some queues.
 *
 * @throws MissingHandlerError
 */
export function createTaskWorker(options: TaskWorkerOptions): Service {
  const { config, logger, registry } = options;
  const tasks = runnableTasks(options);
  const redis = openConnection(options, 'command');
  const announcer = new Announcer({ redis, config, logger });
  const stopping = new AbortController();
  const finished = { age: config.jobs.keep_seconds, count: config.jobs.keep_count };

  const workers = options.queues.map((queue) => {
    const worker = new Worker<TaskJobData, TaskJobReturn>(
      queue,
      (job, token) => {
        const task = tasks.get(job.name);
        return executeJob({
          job,
          token,
          task,
          registry,
          config,
          redis,
          announcer,
          logger,
          stopSignal: stopping.signal,
        });
      },
      {
        connection: redis,
        prefix: config.redis.key_prefix,
        name: options.name,
        autorun: false,
        concurrency: options.concurrency,
        removeOnComplete: finished,
        removeOnFail: finished,
        lockDuration: config.jobs.lock_ms,
        stalledInterval: config.jobs.lock_ms / 2,
        // BullMQ would fail such a job without a result; we count ourselves and give it one, see executeJob.
        maxStalledCount: Number.MAX_SAFE_INTEGER,
        settings: { backoffStrategy: (_attempts, _type, error) => (error instanceof RetryLater ? error.delayMs : -1) },
      },
    );
    logQueueFaults(worker, logger);
    worker.on('stalled', (jobId) => logger.warn({ queue, jobId }, 'a job lost its worker and goes back to the queue'));
    return worker;
  });

  return {
    async start() {
      await Promise.all(workers.map((worker) => worker.waitUntilReady()));
      for (const worker of workers) {
        worker.run().catch((error: unknown) => logger.error({ err: error }, 'the worker loop ended'));
      }
    },
    async [Symbol.asyncDispose]() {
      const closed = Promise.all(workers.map((worker) => worker.close()));
      await Promise.race([closed, delay(config.services.stop_timeout_ms, undefined, { ref: false })]);
      stopping.abort();
      await Promise.race([closed, delay(RETURN_TIMEOUT_MS, undefined, { ref: false })]);
      await announcer[Symbol.asyncDispose]();
      redis.disconnect();
    },
  };
}
