import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

/**
 * BullMQ alone, in a separate process: `addBulk` in batches of 500, and a worker that does nothing. No
 * validation, no results; finished jobs are kept as taskwire keeps them.
 */
export interface BullmqAlone extends Disposable {
  /** Adds `count` jobs, in that process or this one; resolves when all are done. */
  burst: (count: number, addedBy: 'same process' | 'another process') => Promise<void>;
}

export async function startBullmqAlone(redisUrl: string, concurrency: number): Promise<BullmqAlone> {
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), [redisUrl, String(concurrency)]);
  await once(child, 'message');
  return {
    burst: async (count, addedBy) => {
      const done = once(child, 'message');
      child.send({ count, add: addedBy === 'same process' });
      if (addedBy === 'another process') await addJobs(redisUrl, count);
      await done;
    },
    [Symbol.dispose]: () => child.disconnect(),
  };
}

async function addJobs(redisUrl: string, count: number): Promise<void> {
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue('bench', { connection, prefix: '{bench}' });
  for (let start = 0; start < count; start += 500) {
    await queue.addBulk(
      Array.from({ length: Math.min(500, count - start) }, (_, index) => ({
        name: 'reverse_string',
        data: { text: `task ${start + index}` },
      })),
    );
  }
  await queue.close();
  connection.disconnect();
}

if (import.meta.main) {
  const [redisUrl, concurrency] = process.argv.slice(2) as [string, string];
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  let left = 0;
  const worker = new Worker('bench', async () => null, {
    connection,
    prefix: '{bench}',
    concurrency: Number(concurrency),
    removeOnComplete: { age: 3600, count: 10_000 },
  });
  worker.on('completed', () => {
    left -= 1;
    if (left === 0) process.send?.('done');
  });
  process.on('message', ({ count, add }: { count: number; add: boolean }) => {
    left += count;
    if (add) void addJobs(redisUrl, count);
  });
  process.on('disconnect', () => process.exit(0));
  await worker.waitUntilReady();
  process.send?.('ready');
}
