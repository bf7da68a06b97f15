import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { type Load, latencies } from '../measure/latencies.ts';

/**
 * BullMQ alone, in a separate process: `addBulk` in batches of 500, and a worker that does nothing. No
 * validation, no results; finished jobs are kept as taskwire keeps them.
 */
export interface BullmqAlone extends Disposable {
  pid: number;
  /** Adds `count` jobs, in that process or this one; resolves when all are done. */
  burst: (count: number, addedBy: 'same process' | 'another process') => Promise<void>;
  /** Of jobs that are added one by one, in that process, until it hears that they are done. */
  latencies: (load: Load) => Promise<number[]>;
}

type Order = { burst: number } | { await: number } | { latencies: Load };

export async function startBullmqAlone(redisUrl: string, concurrency: number): Promise<BullmqAlone> {
  const child = fork(fileURLToPath(import.meta.url), [redisUrl, String(concurrency)]);
  await once(child, 'message');
  const order = async (message: Order, meanwhile?: Promise<void>) => {
    const answer = once(child, 'message');
    child.send(message);
    await meanwhile;
    return (await answer)[0] as number[];
  };
  return {
    pid: child.pid as number,
    burst: async (count, addedBy) => {
      if (addedBy === 'same process') await order({ burst: count });
      else await order({ await: count }, addJobs(redisUrl, count));
    },
    latencies: (load) => order({ latencies: load }),
    [Symbol.dispose]: () => child.disconnect(),
  };
}

export async function addJobs(redisUrl: string, count: number): Promise<void> {
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue('bench', { connection, prefix: '{bench}' });
  for (let start = 0; start < count; start += 500) {
    await queue.addBulk(Array.from({ length: Math.min(500, count - start) }, (_, index) => job(start + index)));
  }
  await queue.close();
  connection.disconnect();
}

function job(index: number) {
  return { name: 'reverse_string', data: { index, text: `task ${index}` } };
}

if (import.meta.main) {
  const [redisUrl, concurrency] = process.argv.slice(2) as [string, string];
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const queue = new Queue('bench', { connection, prefix: '{bench}' });
  const worker = new Worker('bench', async () => null, {
    connection,
    prefix: '{bench}',
    concurrency: Number(concurrency),
    removeOnComplete: { age: 3600, count: 10_000 },
  });
  const completed = (count: number) =>
    new Promise<void>((resolve) => {
      let left = count;
      const onCompleted = () => {
        left -= 1;
        if (left > 0) return;
        worker.off('completed', onCompleted);
        resolve();
      };
      worker.on('completed', onCompleted);
    });
  const carryOut = async (order: Order): Promise<number[]> => {
    if ('await' in order) await completed(order.await);
    else if ('burst' in order) await Promise.all([completed(order.burst), addJobs(redisUrl, order.burst)]);
    else {
      const times = await latencies(order.latencies, {
        send: (index) => void queue.add(job(index).name, job(index).data),
        onEnd: (listener) => worker.on('completed', ({ data }) => listener(data.index)),
      });
      worker.removeAllListeners('completed');
      return times;
    }
    return [];
  };
  process.on('message', (order: Order) => void carryOut(order).then((answer) => process.send?.(answer)));
  process.on('disconnect', () => process.exit(0));
  await worker.waitUntilReady();
  process.send?.([]);
}
