import { once } from 'node:events';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

/**
 * What BullMQ does by itself: `addBulk` in portions of 500 and one no-op worker of the same concurrency as ours, in a
 * process of its own. No validation, no results.
 *
 * Run as a child: `node bullmq-alone.ts <redis url> <concurrency>` prints `ready`, then `done` when told `jobs <n>`.
 */
if (import.meta.main) {
  const [url, concurrency] = process.argv.slice(2) as [string, string];
  const connection = new Redis(url, { maxRetriesPerRequest: null });
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
  process.on('message', (count: number) => {
    left += count;
  });
  await worker.waitUntilReady();
  process.send?.('ready');
  await once(process, 'disconnect');
  process.exit(0);
}

export async function addAll(url: string, count: number): Promise<void> {
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  const queue = new Queue('bench', { connection, prefix: '{bench}' });
  const jobs = Array.from({ length: count }, (_, index) => ({
    name: 'reverse_string',
    data: { text: `task ${index}` },
  }));
  for (let start = 0; start < count; start += 500) await queue.addBulk(jobs.slice(start, start + 500));
  await queue.close();
  connection.disconnect();
}
