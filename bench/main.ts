import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Stack, startPrivateRedis, startStack } from '@taskwire/testing';
import { Redis } from 'ioredis';
import { addAll } from './bullmq-alone.ts';

const BURST = 20_000;
const ROUNDS = 5;
const LONE_TASKS = 500;

await using redis = await startPrivateRedis();
await using stack = await startStack({ redisUrl: redis.url, services: ['processor', 'worker'] });
const alone = fork(fileURLToPath(new URL('bullmq-alone.ts', import.meta.url)), [
  redis.url,
  String(stack.config.worker.concurrency),
]);
await once(alone, 'message');

console.log(`Burst of ${BURST} reverse_string tasks, ${ROUNDS} rounds after a warm-up; medians`);
await burstOfTaskwire(stack, BURST / 4);
await burstOfBullmq(BURST / 4);
const taskwire: number[] = [];
const bullmq: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  taskwire.push(await burstOfTaskwire(stack, BURST));
  bullmq.push(await burstOfBullmq(BURST));
}
const ratios = taskwire.map((rate, index) => rate / (bullmq[index] as number));
console.log(`  taskwire, publish to result    ${Math.round(median(taskwire))} results/s`);
console.log(`  BullMQ alone, addBulk to done  ${Math.round(median(bullmq))} jobs/s`);
console.log(
  `  ratio                          ${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`,
);

const times = await loneTasks(stack, LONE_TASKS);
console.log(`A lone task, publish to result, ${LONE_TASKS} times one after the other`);
console.log(`  median ${quantile(times, 0.5).toFixed(2)} ms, p99 ${quantile(times, 0.99).toFixed(2)} ms`);
alone.disconnect();

async function burstOfTaskwire({ config }: Stack, count: number): Promise<number> {
  const { channels } = config.redis;
  const subscriber = new Redis(redis.url);
  const publisher = new Redis(redis.url);
  await subscriber.subscribe(channels.results_queue);
  let left = count;
  const allResults = new Promise<void>((resolve) => {
    subscriber.on('messageBuffer', () => {
      left -= 1;
      if (left === 0) resolve();
    });
  });
  const messages = Array.from({ length: count }, (_, index) =>
    JSON.stringify({ user_id: index, task_type: 'reverse_string', parameters: { text: `task ${index}` } }),
  );
  const start = performance.now();
  const pipeline = publisher.pipeline();
  for (const message of messages) pipeline.publish(channels.tasks_queue[0] as string, message);
  await pipeline.exec();
  await allResults;
  const seconds = (performance.now() - start) / 1000;
  subscriber.disconnect();
  publisher.disconnect();
  return count / seconds;
}

async function burstOfBullmq(count: number): Promise<number> {
  alone.send(count);
  const done = once(alone, 'message');
  const start = performance.now();
  await addAll(redis.url, count);
  await done;
  return count / ((performance.now() - start) / 1000);
}

async function loneTasks({ config }: Stack, count: number): Promise<number[]> {
  const { channels } = config.redis;
  const subscriber = new Redis(redis.url);
  const publisher = new Redis(redis.url);
  await subscriber.subscribe(channels.results_queue);
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const result = once(subscriber, 'message');
    const start = performance.now();
    void publisher.publish(
      channels.tasks_queue[0] as string,
      JSON.stringify({ task_type: 'reverse_string', parameters: { text: `task ${index}` } }),
    );
    await result;
    times.push(performance.now() - start);
  }
  subscriber.disconnect();
  publisher.disconnect();
  return times;
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function quantile(values: readonly number[], fraction: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(fraction * (sorted.length - 1))] as number;
}
