import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPrivateRedis, startStack } from '@taskwire/testing';
import { Publisher } from '../contenders/publisher.ts';
import { quantile } from '../measure/statistics.ts';
import type { Part } from './part.ts';

export interface Files {
  /** From the rename of a request file to its result on the channel, one after the other. */
  lone: { p50Ms: number; p99Ms: number };
  /** From the first rename of many files to the last result. */
  burst: { files: number; perSecond: number };
}

const LONE = 200;
const BURST = 10_000;

/** Requests as files in the inbox of a whole stack, in a folder on the temporary disk. */
export const measureFiles: Part<Files> = async () => {
  await using cleanUp = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'taskwire-bench-'));
  cleanUp.defer(() => rm(folder, { recursive: true, force: true }));
  const redis = cleanUp.use(await startPrivateRedis());
  await redis.command('CONFIG', 'SET', 'appendonly', 'no');
  const env = { TASKWIRE_INBOX_ENABLED: 'true', TASKWIRE_INBOX_DIRECTORY: folder };
  const services = ['processor', 'worker'] as const;
  const stack = cleanUp.use(await startStack({ redisUrl: redis.url, services, processes: services, env }));
  await stack.recorder[Symbol.asyncDispose]();
  const publisher = cleanUp.use(await Publisher.of(redis.url, stack.config));

  const staging = join(folder, 'staging');
  await mkdir(staging);
  const written = (name: string, index: number) => {
    const request = { task_id: name, user_id: index, task_type: 'reverse_string', parameters: { text: name } };
    return writeFile(join(staging, name), JSON.stringify(request));
  };
  const dropIn = (name: string) => rename(join(staging, name), join(folder, 'requests', `${name}.json`));
  const namesOf = (kind: string, count: number) => Array.from({ length: count }, (_, index) => `${kind}-${index}`);

  await Promise.all(namesOf('lone', LONE).map(written));
  const times = await publisher.latencies({ count: LONE }, (index) => void dropIn(`lone-${index}`));
  const names = namesOf('burst', BURST);
  await Promise.all(names.map(written));
  const start = performance.now();
  await Promise.all([publisher.results(BURST), ...names.map(dropIn)]);
  const perSecond = (BURST / (performance.now() - start)) * 1000;
  return { lone: { p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) }, burst: { files: BURST, perSecond } };
};
