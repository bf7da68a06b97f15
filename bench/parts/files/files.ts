import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPrivateRedis, startStack } from '@taskwire/testing';
import { Redis } from 'ioredis';
import { quantile } from '../../measure/statistics.ts';
import type { Part } from '../part.ts';
import { Receipts } from './receipts.ts';
import { byPython, byShell, type Written, written } from './writers.ts';

/** All in ms. */
export interface Files {
  python: Written;
  shell: Written;
  /** From the rename of a request file, or from PUBLISH, to the `accepted` event, in turns. */
  fileToAccepted: { p50Ms: number; p99Ms: number };
  publishToAccepted: { p50Ms: number; p99Ms: number };
  /** From the first rename of many files to the last `accepted` event. */
  burst: { files: number; ms: number };
}

const WRITES = 200;
const LONE_FILES = 200;
const BURST = 10_000;

/** Requests as files in the inbox of a whole stack, in a folder on the temporary disk. */
export const measureFiles: Part<Files> = async ({ rounds }) => {
  await using redis = await startPrivateRedis();
  await redis.command('CONFIG', 'SET', 'appendonly', 'no');
  const folder = await mkdtemp(join(tmpdir(), 'taskwire-bench-'));
  const env = { TASKWIRE_INBOX_ENABLED: 'true', TASKWIRE_INBOX_DIRECTORY: folder };
  await using stack = await startStack({
    redisUrl: redis.url,
    services: ['processor', 'worker'],
    processes: ['processor', 'worker'],
    env,
  });
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(async () => {
    await Promise.all(stack.services.map((service) => service.stop()));
    await rm(folder, { recursive: true });
  });
  // It reads every event and result, which costs as much as a worker.
  await stack.recorder[Symbol.asyncDispose]();
  using receipts = await Receipts.on(redis.url, stack.config);

  const [first] = stack.config.redis.channels.tasks;
  const allWritten = receipts.next(2 * rounds * WRITES);
  const python = await written(byPython, { folder, label: 'python', rounds, count: WRITES });
  const shell = await written(byShell, { folder, label: 'shell', rounds, count: WRITES });
  await allWritten;

  const staging = join(folder, 'staging');
  await mkdir(staging);
  const fileToAccepted: number[] = [];
  const publishToAccepted: number[] = [];
  const publisher = new Redis(redis.url);
  for (let index = 0; index < LONE_FILES; index += 1) {
    const [file, published] = [`file-${index}`, `published-${index}`];
    await writeFile(join(staging, file), requestOf(file));
    fileToAccepted.push(await timed(receipts.of(file), () => dropIn(folder, file)));
    publishToAccepted.push(await timed(receipts.of(published), () => publisher.publish(first, requestOf(published))));
  }
  publisher.disconnect();

  const names = Array.from({ length: BURST }, (_, index) => `burst-${index}`);
  await Promise.all(names.map((name) => writeFile(join(staging, name), requestOf(name))));
  const ms = await timed(receipts.next(BURST), () => Promise.all(names.map((name) => dropIn(folder, name))));
  const times = (values: number[]) => ({ p50Ms: quantile(values, 0.5), p99Ms: quantile(values, 0.99) });
  return {
    ...{ python, shell, burst: { files: BURST, ms } },
    ...{ fileToAccepted: times(fileToAccepted), publishToAccepted: times(publishToAccepted) },
  };
};

function dropIn(folder: string, name: string): Promise<void> {
  return rename(join(folder, 'staging', name), join(folder, 'requests', `${name}.json`));
}

function requestOf(task_id: string): string {
  return JSON.stringify({ task_id, task_type: 'reverse_string', parameters: { text: task_id } });
}

/** Returns the time from the start of an action to its outcome. */
async function timed(outcome: Promise<void>, act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  await outcome;
  return performance.now() - start;
}
