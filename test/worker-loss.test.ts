import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newTaskId } from '@taskwire/protocol';
import { type Stack, startStack } from '@taskwire/testing';
import { afterAll, afterEach, beforeEach, expect, inject, test } from 'vitest';

let stack: Stack;
const folder = mkdtempSync(join(tmpdir(), 'taskwire-test-'));

beforeEach(async () => {
  stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'worker'],
    processes: ['worker', 'processor'],
    env: {
      TASKWIRE_TASKS_FOLDERS: fileURLToPath(new URL('tasks', import.meta.url)),
      TASKWIRE_JOBS_LOCK_MS: '1000',
      TASKWIRE_SERVICES_STOP_TIMEOUT_MS: '500',
    },
  });
});

afterEach(() => stack?.[Symbol.asyncDispose]());
afterAll(() => rmSync(folder, { recursive: true }));

/** Resolves when a file holds something: the handler that writes it is then under way. */
async function fileAppears(file: string): Promise<void> {
  const watcher = watch(folder);
  await new Promise<void>((resolve) => {
    const look = () => existsSync(file) && statSync(file).size > 0 && resolve();
    watcher.on('change', look);
    look();
  });
  watcher.close();
}

function runsIn(file: string): number {
  return readFileSync(file, 'utf8').trim().split('\n').length;
}

test('a task whose worker is killed runs again in another one, and has one result', async () => {
  const file = join(folder, 'killed');
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type: 'log_run', parameters: { file, endless_at_first: true } });
  await fileAppears(file);
  await stack.process('worker').kill();
  await stack.start('worker');
  expect(await stack.result(task_id)).toMatchObject({ status: 'completed' });
  expect(runsIn(file)).toBe(2);
});

test('a task that kills every worker ends in worker_lost', async () => {
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type: 'kill_worker' });
  let result: Promise<unknown> | undefined;
  for (let workers = 0; workers < 2; workers += 1) {
    const worker = stack.process('worker');
    await new Promise((resolve) => worker.process.once('exit', resolve));
    await stack.start('worker');
    result = stack.result(task_id);
  }
  expect(await result).toMatchObject({ status: 'error', error_code: 'worker_lost', attempts: 2 });
});

test('a worker that is told to stop finishes what runs, and exits with 0', async () => {
  const file = join(folder, 'finishes');
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type: 'log_run', parameters: { file, run_ms: 200 } });
  await fileAppears(file);
  expect(await stack.process('worker').stop()).toBe(0);
  expect(await stack.result(task_id)).toMatchObject({ status: 'completed' });
});

test.each([true, false])(
  'what a stopping worker cannot finish in time goes back to the queue (handler heeds its signal: %s)',
  async (heed_signal) => {
    const file = join(folder, `goes-back-${heed_signal}`);
    const task_id = newTaskId();
    await stack.publish({ task_id, task_type: 'log_run', parameters: { file, run_ms: 1500, heed_signal } });
    await fileAppears(file);
    expect(await stack.process('worker').stop()).toBe(0);
    await stack.start('worker');
    expect(await stack.result(task_id)).toMatchObject({ status: 'completed', attempts: 1 });
    expect(runsIn(file)).toBe(2);
  },
);

test('a processor that is told to stop loses nothing of a burst that it has taken in', async () => {
  const processor = stack.services.find(({ name }) => name === 'processor');
  const ids = Array.from({ length: 2000 }, newTaskId);
  const [channel] = stack.config.redis.channels.tasks;
  const pipeline = stack.redis.pipeline();
  for (const task_id of ids) {
    pipeline.publish(channel, JSON.stringify({ task_id, task_type: 'reverse_string', parameters: { text: 'x' } }));
  }
  const receivers = (await pipeline.exec())?.map(([, received]) => received);
  const firstAccepted = stack.event(ids[0] as string, 'accepted');
  await firstAccepted;
  expect(await processor?.stop()).toBe(0);
  expect(receivers).toEqual(ids.map(() => 1));
  await Promise.all(ids.map((id) => stack.result(id)));
});
