import { setTimeout as delay } from 'node:timers/promises';
import {
  attributeConsole,
  Executor,
  type ExecutorOptions,
  type RunnableTasksOptions,
  runnableTasks,
  TaskProcesses,
  type TaskProcessesOptions,
  takeFault,
} from '@taskwire/execution';
import type { Vitals } from '@taskwire/monitoring';
import { tasksStreamKey } from '@taskwire/protocol';
import { openConnection, type Service, type ServiceContext } from '@taskwire/service';
import { Announcer, CancelWatch, TaskStore } from '@taskwire/store';
import { HandOver } from '@taskwire/tasks';
import { JobRunner } from './job-runner.ts';
import { OtherWorkers } from './other-workers.ts';
import { logQueueFaults } from './queue-faults.ts';
import { queueTelemetry } from './queue-telemetry.ts';
import { QueueWorker } from './queue-worker.ts';
import { openQueues } from './queues.ts';
import { redisClockBackend } from './redis-clock-backend.ts';
import { RunningTasks } from './running-tasks.ts';
import { WITHOUT_INFO } from './without-info.ts';

export interface TaskWorkerOptions extends ServiceContext, RunnableTasksOptions {
  /** Tasks at a time, per queue. */
  concurrency: number;
  /** The program that runs the same tasks in a process of their own. */
  taskProcess: string;
  laneOf?: ExecutorOptions['laneOf'];
  cleanUp?: TaskProcessesOptions['cleanUp'];
}

/** How long returned jobs may take to reach their queue: Redis may be away. */
const RETURN_TIMEOUT_MS = 3000;

/** A service that runs the tasks of some queues. @throws MissingHandlerError */
export async function createTaskWorker(options: TaskWorkerOptions): Promise<Service> {
  const { config, logger, registry } = options;
  const tasks = runnableTasks(options);
  const taskTypes = registry.typesByQueue(options.queues);
  const redis = openConnection(options, 'command');
  const keyPrefix = config.redis.key_prefix;
  const store = new TaskStore({ redis, config });
  const announcer = new Announcer({ redis, config, logger });
  const subscriber = openConnection(options, 'listener');
  const cancelWatch = new CancelWatch({ subscriber, store, installation: config.redis, logger });
  const draining = new AbortController();
  const stopping = new AbortController();
  const processes = new TaskProcesses({
    main: options.taskProcess,
    config,
    maxLost: config.jobs.max_lost,
    cleanUp: options.cleanUp,
  });
  const executor = new Executor({
    tasks,
    registry,
    maxBytes: config.results.max_bytes,
    processes,
    laneOf: options.laneOf,
    submit: (message) => redis.xadd(tasksStreamKey(keyPrefix), '*', 'message', message),
    tell: (event) => announcer.event(event),
    logger,
    stopping: draining.signal,
    stopSignal: stopping.signal,
  });
  const otherWorkers = new OtherWorkers({ redis, keyPrefix });
  const running = new RunningTasks((type) => tasks.get(type)?.definition.timeoutMs);
  const closing = new AbortController();
  const { signal } = closing;
  let isRetired = false;
  const queues = await openQueues({ names: options.queues, keyPrefix, connection: redis, logger });
  const known = { executor, store, announcer, cancelWatch, otherWorkers, running };
  const keepCount = config.jobs.keep_count;
  const runner = new JobRunner({ ...options, ...known, queues, keepCount, signal });
  const finished = { age: config.jobs.keep_seconds, count: config.jobs.keep_count };
  const telemetry = await queueTelemetry(options.telemetry);

  const byRedisClock = redisClockBackend(redis);
  const workers = options.queues.map((queue) => {
    const worker = new QueueWorker(queue, (job, seats) => runner.run(job, seats), byRedisClock, {
      ...WITHOUT_INFO,
      connection: redis,
      prefix: keyPrefix,
      // Jobs keep it: so one can tell which a silent worker has.
      name: options.instance,
      ...(telemetry && { telemetry }),
      autorun: false,
      concurrency: options.concurrency,
      removeOnComplete: finished,
      removeOnFail: finished,
      lockDuration: config.jobs.lock_ms,
      stalledInterval: config.jobs.lock_ms / 2,
      // Otherwise the worker of a queue with a rate limit asks too seldom to prove that it consumes.
      maximumRateLimitDelay: 10_000,
      // BullMQ would fail such a job without a result; the executor counts and gives it one.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
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
        // Then others run them, and this process need not know what they know.
        ...(isRetired ? { queues: [], taskTypes: {} } : { queues: options.queues, taskTypes }),
        ...running.told,
      };
    },
    takesFault: (thrown) => takeFault(thrown, (fields, message) => logger.error(fields, message)),
    async start() {
      attributeConsole();
      await Promise.all([cancelWatch.start(), ...workers.map((worker) => worker.waitUntilReady())]);
      for (const worker of workers) {
        worker.run().catch((error: unknown) => logger.error({ err: error }, 'the worker loop ended'));
      }
    },
    async retire() {
      isRetired = true;
      await Promise.all(workers.map((worker) => worker.close()));
    },
    async [Symbol.asyncDispose]() {
      const active = workers.reduce((sum, worker) => sum + worker.active, 0);
      const waitMs = config.services.stop_timeout_ms;
      if (active > 0) logger.info({ running: active }, `waiting up to ${waitMs} ms for running tasks`);
      const closed = Promise.all(workers.map((worker) => worker.close()));
      // Now they take no more: what is handed over is for others.
      draining.abort(new HandOver());
      await Promise.race([closed, delay(waitMs, undefined, { ref: false })]);
      stopping.abort();
      await Promise.race([closed, delay(RETURN_TIMEOUT_MS, undefined, { ref: false })]);
      await Promise.all([processes, announcer, cancelWatch].map((each) => each[Symbol.asyncDispose]()));
      running[Symbol.dispose]();
      closing.abort();
      redis.disconnect();
    },
  };
}

/** A service is as healthy as its worst worker. */
function worstProof(workers: readonly QueueWorker[]): Pick<Vitals, 'provenAt' | 'lagMs'> {
  const proofs = workers.map(({ proof }) => proof);
  if (proofs.some((proof) => proof === null)) return { provenAt: null, lagMs: null };
  const known = proofs.filter((proof) => proof !== null);
  return {
    provenAt: Math.min(...known.map(({ at }) => at)),
    lagMs: Math.max(...known.map(({ lagMs }) => lagMs)),
  };
}
