import { loadConfig } from '@taskwire/config';
import { type PrivateRedis, startPrivateRedis, startStack } from '@taskwire/testing';
import { treeOf } from '../measure/processes.ts';
import { startBullmqAlone } from './bullmq-alone.ts';
import { pythonWithCelery, startCelery } from './celery.ts';
import type { Contender } from './contender.ts';
import { Publisher } from './publisher.ts';

const TASKS = 10_000;
/** Enough to tell, and it takes as long as the others together. */
const TASKS_OF_CELERY = 2_000;

export interface ContenderOptions {
  /** Redis writes to its disk, as the one does that taskwire starts. BullMQ's own figures are without. */
  appendonly: boolean;
  celery: boolean;
}

/** Starts all, each with a Redis of its own. What it starts is ended with `cleanUp`. */
export async function startContenders(options: ContenderOptions, cleanUp: AsyncDisposableStack): Promise<Contender[]> {
  const privateRedis = async () => {
    const redis = cleanUp.use(await startPrivateRedis());
    await redis.command('CONFIG', 'SET', 'appendonly', options.appendonly ? 'yes' : 'no');
    return redis;
  };
  const python = options.celery ? await pythonWithCelery() : undefined;
  return [
    ...(await taskwire(await privateRedis(), cleanUp)),
    ...(await bullmq(await privateRedis(), cleanUp)),
    ...(python === undefined ? [] : [await celery(python, await privateRedis(), cleanUp)]),
  ];
}

async function taskwire(redis: PrivateRedis, cleanUp: AsyncDisposableStack): Promise<Contender[]> {
  const services = ['processor', 'worker'] as const;
  const stack = cleanUp.use(await startStack({ redisUrl: redis.url, services, processes: services }));
  // It reads every event and result, which costs as much as a worker.
  await stack.recorder[Symbol.asyncDispose]();
  const publisher = cleanUp.use(await Publisher.of(redis.url, stack.config));
  const [processor, worker] = services.map((name) => [stack.process(name).process.pid as number]);
  const processes = {
    redis: [redis.process.pid as number],
    processor,
    worker,
    publisher: [process.pid],
  } as Contender['processes'];
  return (['PUBLISH', 'XADD'] as const).map((way) => ({
    name: `taskwire, ${way}` as const,
    tasks: TASKS,
    redis,
    processes,
    burst: (count) => publisher.burst(count, way),
    latencies: (load) => publisher.latencies(load, (index) => publisher.sendOne(way, index)),
  }));
}

async function bullmq(redis: PrivateRedis, cleanUp: AsyncDisposableStack): Promise<Contender[]> {
  const alone = cleanUp.use(await startBullmqAlone(redis.url, loadConfig({ env: {} }).worker.concurrency));
  const processes = { redis: [redis.process.pid as number], worker: [alone.pid] };
  return [
    {
      name: 'BullMQ, one process',
      tasks: TASKS,
      redis,
      processes,
      burst: (count) => alone.burst(count, 'same process'),
      latencies: (load) => alone.latencies(load),
    },
    {
      name: 'BullMQ, two processes',
      tasks: TASKS,
      redis,
      processes: { ...processes, publisher: [process.pid] },
      burst: (count) => alone.burst(count, 'another process'),
    },
  ];
}

async function celery(python: string, redis: PrivateRedis, cleanUp: AsyncDisposableStack): Promise<Contender> {
  const stack = cleanUp.use(await startCelery(python, redis.url));
  const publisher = cleanUp.use(
    await Publisher.start({ redisUrl: redis.url, tasks: 'tasks', results: 'results', stream: 'none' }),
  );
  await publisher.burst(10, 'PUBLISH');
  return {
    name: 'Celery',
    tasks: TASKS_OF_CELERY,
    redis,
    processes: {
      redis: [redis.process.pid as number],
      processor: [stack.processor],
      worker: treeOf(stack.worker).map(({ pid }) => pid),
      publisher: [process.pid],
    },
    burst: (count) => publisher.burst(count, 'PUBLISH'),
    latencies: (load) => publisher.latencies(load, (index) => publisher.sendOne('PUBLISH', index)),
  };
}
