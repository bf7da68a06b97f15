import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Environment } from '@taskwire/config';
import { newTaskId } from '@taskwire/protocol';
import { type Recorded, type Stack, type StackOptions, startPrivateRedis, startStack } from '@taskwire/testing';
import { afterAll, afterEach, beforeEach, expect, inject, test } from 'vitest';

let stack: Stack;
const folder = mkdtempSync(join(tmpdir(), 'taskwire-test-'));

const stackOptions: Omit<StackOptions, 'redisUrl'> = {
  services: ['processor', 'worker'],
  processes: ['worker', 'processor'],
  env: {
    TASKWIRE_TASKS_FOLDERS: fileURLToPath(new URL('tasks', import.meta.url)),
    TASKWIRE_JOBS_LOCK_MS: '1000',
    TASKWIRE_SERVICES_STOP_TIMEOUT_MS: '500',
  },
};

beforeEach(async () => {
  stack = await startStack({ redisUrl: inject('redisUrl'), ...stackOptions });
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

/** Whether a process still runs: one that ended, and whose parent has not asked for its end, does not. */
function runs(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

/** How often a task has started. */
function started(): number {
  return stack.recorder.all.filter(({ message }) => message.event === 'started').length;
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
  expect(await stack.result(task_id)).toMatchObject({ status: 'completed', attempts: 2 });
  expect(runsIn(file)).toBe(2);
});

/** Starts the worker again whenever it dies. @returns how often it did */
function keepWorkerRunning(env: Environment = {}): () => number {
  let deaths = 0;
  const keep = () =>
    stack.process('worker').process.once('exit', () => {
      deaths += 1;
      void stack.start('worker', env).then(keep);
    });
  keep();
  return () => deaths;
}

test('twenty tasks whose worker is killed twice have one result each, and none is to blame', {
  timeout: 60_000,
}, async () => {
  const ids = Array.from({ length: 20 }, newTaskId);
  await Promise.all(ids.map((task_id) => stack.publish({ task_id, task_type: 'wait', parameters: { ms: 2000 } })));
  for (const atLeast of [20, 24]) {
    await expect.poll(started).toBeGreaterThanOrEqual(atLeast);
    await stack.process('worker').kill();
    await stack.start('worker');
  }
  const results = await Promise.all(ids.map((id) => stack.result(id)));
  expect(results.map(({ status }) => status)).toEqual(ids.map(() => 'completed'));
  const isResult = ({ channel }: Recorded) => channel === stack.config.redis.channels.results;
  expect(stack.recorder.all.filter(isResult)).toHaveLength(20);
});

test('a task that kills its worker from a task process, too, ends in worker_lost', { timeout: 120_000 }, async () => {
  // The lock must outlast the last heartbeats of a dead worker: for 5 s it may only be slow, and the beat of the other is 2 s old.
  const env = { TASKWIRE_JOBS_LOCK_MS: '8000', TASKWIRE_JOBS_MAX_LOST: '0' };
  await stack.process('worker').stop();
  await stack.start('worker', env);
  const deaths = keepWorkerRunning(env);
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type: 'kill_worker', parameters: { from_task_process: true } });
  const error = expect.stringContaining('lost its worker 1 times');
  expect(await stack.result(task_id)).toMatchObject({ error_code: 'worker_lost', attempts: 2, error });
  expect(deaths()).toBe(2);
});

test('tasks that run through two freezes of Redis run once, and complete', { timeout: 60_000 }, async () => {
  await using redis = await startPrivateRedis();
  await stack[Symbol.asyncDispose]();
  stack = await startStack({ ...stackOptions, redisUrl: redis.url });
  const file = join(folder, 'thawed');
  const ids = Array.from({ length: 20 }, newTaskId);
  for (const task_id of ids) {
    await stack.publish({ task_id, task_type: 'wait', parameters: { until_there_is: file } });
  }
  await Promise.all(ids.map((id) => stack.event(id, 'started')));
  const prefix = stack.config.redis.key_prefix;
  // As often as BullMQ gave them to a worker.
  const timesTaken = async () => {
    const jobs = await stack.redis.keys(`${prefix.replace(/[{}]/g, '?')}:default:t-*.*`);
    const counts = await Promise.all(
      jobs.filter((key) => !key.endsWith(':lock')).map((key) => stack.redis.hget(key, 'ats')),
    );
    return Math.min(...counts.map(Number));
  };
  for (const times of [2, 3]) {
    redis.process.kill('SIGSTOP');
    await delay(3000);
    redis.process.kill('SIGCONT');
    await expect.poll(timesTaken).toBeGreaterThanOrEqual(times);
  }
  writeFileSync(file, '');
  const results = await Promise.all(ids.map((id) => stack.result(id)));
  expect(results.map(({ status }) => status)).toEqual(ids.map(() => 'completed'));
  expect(started()).toBe(20);
  await stack[Symbol.asyncDispose]();
});

test('a task that blocks its own process does not outlive its worker', async () => {
  const file = join(folder, 'blocked');
  await stack.publish({ task_id: newTaskId(), task_type: 'block_alone', parameters: { file } });
  await fileAppears(file);
  const pid = Number(readFileSync(file, 'utf8'));
  expect(runs(pid)).toBe(true);
  await stack.process('worker').kill();
  await expect.poll(() => runs(pid)).toBe(false);
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
