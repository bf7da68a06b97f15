import { setTimeout as delay } from 'node:timers/promises';
import { executeJob, RetryLater, type RunnableTasksOptions, runnableTasks } from '@taskwire/execution';
import type { Vitals } from '@taskwire/monitoring';
import type { Service, ServiceContext } from '@taskwire/service';
import { openConnection } from '@taskwire/service';
import { Announcer, Cancellations, CancelWatch } from '@taskwire/store';
import { ProvingWorker } from './proving-worker.ts';
import { logQueueFaults } from './queue-faults.ts';

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
  const { config, logger, metrics, registry } = options;
  const tasks = runnableTasks(options);
  const redis = openConnection(options, 'command');
  const announcer = new Announcer({ redis, config, logger });
  const keyPrefix = config.redis.key_prefix;
  const cancellations = new Cancellations(redis, keyPrefix);
  const subscriber = openConnection(options, 'subscriber');
  const cancelWatch = new CancelWatch({ subscriber, cancellations, keyPrefix, logger });
  const stopping = new AbortController();
  const finished = { age: config.jobs.keep_seconds, count: config.jobs.keep_count };

  const workers = options.queues.map((queue) => {
    const worker = new ProvingWorker(
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
          cancelWatch,
          cancellations,
          metrics,
          logger,
          stopSignal: stopping.signal,
        });
      },
      {
        connection: redis,
        prefix: keyPrefix,
        name: options.name,
        ...(options.telemetry && { telemetry: options.telemetry.queues }),
        autorun: false,
        concurrency: options.concurrency,
        removeOnComplete: finished,
        removeOnFail: finished,
        lockDuration: config.jobs.lock_ms,
        stalledInterval: config.jobs.lock_ms / 2,
        // Else a worker of a queue with a rate limit asks too seldom to prove that it does.
        maximumRateLimitDelay: 10_000,
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
    vitals() {
      return {
        ...worstProof(workers),
        running: workers.reduce((sum, { active }) => sum + active, 0),
        concurrency: workers.length * options.concurrency,
        queues: options.queues,
      };
    },
    async start() {
      await Promise.all([cancelWatch.start(), ...workers.map((worker) => worker.waitUntilReady())]);
      for (const worker of workers) {
        worker.run().catch((error: unknown) => logger.error({ err: error }, 'the worker loop ended'));
      }
    },
    async [Symbol.asyncDispose]() {
      const running = workers.reduce((sum, { active }) => sum + active, 0);
      const waitMs = config.services.stop_timeout_ms;
      if (running > 0) logger.info({ running }, `waiting up to ${waitMs} ms for running tasks`);
      const closed = Promise.all(workers.map((worker) => worker.close()));
      await Promise.race([closed, delay(waitMs, undefined, { ref: false })]);
      stopping.abort();
      await Promise.race([closed, delay(RETURN_TIMEOUT_MS, undefined, { ref: false })]);
      await Promise.all([announcer[Symbol.asyncDispose](), cancelWatch[Symbol.asyncDispose]()]);
      redis.disconnect();
    },
  };
}

/** A service is as well as the worst of its workers. */
function worstProof(workers: readonly ProvingWorker[]): Pick<Vitals, 'provenAt' | 'lagMs'> {
  const proofs = workers.map(({ proof }) => proof);
  if (proofs.some((proof) => proof === null)) return { provenAt: null, lagMs: null };
  const known = proofs.filter((proof) => proof !== null);
  return {
    provenAt: Math.min(...known.map(({ at }) => at)),
    lagMs: Math.max(...known.map(({ lagMs }) => lagMs)),
  };
}
