import { setTimeout as pause } from 'node:timers/promises';
import { tasksStreamKey } from '@taskwire/protocol';
import { startPrivateRedis, startStack } from '@taskwire/testing';
import { addJobs } from '../contenders/bullmq-alone.ts';
import { Publisher } from '../contenders/publisher.ts';
import { usedMemory } from '../measure/redis-counts.ts';
import type { Part } from './part.ts';

export interface Backlog {
  tasks: number;
  /** In Redis, per waiting task; of BullMQ alone per waiting job. */
  bytesPerTask: number;
  bullmqBytesPerTask: number;
  /** From XADD until all wait in the queue. */
  takenInPerSecond: number;
  /** Of the first and the last tenth of the results, and of all. */
  drainPerSecond: { start: number; end: number; all: number };
}

const TASKS = 300_000;
const JOBS_OF_BULLMQ = 50_000;

/** No worker runs while tasks come in; then one starts. */
export const measureBacklog: Part<Backlog> = async ({ rounds }) => {
  const tasks = rounds < 5 ? (TASKS / 5) * rounds : TASKS;
  await using redis = await startPrivateRedis();
  await redis.command('CONFIG', 'SET', 'appendonly', 'no');
  await using stack = await startStack({
    redisUrl: redis.url,
    services: ['processor'],
    processes: ['processor', 'worker'],
  });
  await stack.recorder[Symbol.asyncDispose]();
  using publisher = await Publisher.of(redis.url, stack.config);
  const [memoryBefore, start] = [await usedMemory(redis), performance.now()];
  await publisher.send(tasks, 'XADD');
  while ((await stack.redis.xlen(tasksStreamKey(stack.config.redis.key_prefix))) > 0) await pause(100);
  const takenInPerSecond = (tasks / (performance.now() - start)) * 1000;
  const bytesPerTask = ((await usedMemory(redis)) - memoryBefore) / tasks;

  const results = publisher.results(tasks);
  await stack.start('worker');
  const times = await results;
  const rate = (from: number, to: number) => {
    const [first, last] = [Math.floor(tasks * from), Math.floor((tasks - 1) * to)];
    return ((last - first) / ((times[last] ?? Number.NaN) - (times[first] ?? Number.NaN))) * 1000;
  };
  const drainPerSecond = { start: rate(0, 0.1), end: rate(0.9, 1), all: rate(0, 1) };
  return { tasks, bytesPerTask, bullmqBytesPerTask: await bytesOfBullmq(), takenInPerSecond, drainPerSecond };
};

async function bytesOfBullmq(): Promise<number> {
  await using redis = await startPrivateRedis();
  const before = await usedMemory(redis);
  await addJobs(redis.url, JOBS_OF_BULLMQ);
  return ((await usedMemory(redis)) - before) / JOBS_OF_BULLMQ;
}
