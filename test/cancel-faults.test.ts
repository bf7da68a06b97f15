import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceName } from '@taskwire/config';
import { ServiceMetrics } from '@taskwire/monitoring';
import { cancellationsKey, newTaskId, removalsKey } from '@taskwire/protocol';
import { JobRemoval, openQueues, type TaskJob } from '@taskwire/queue';
import { createLogger } from '@taskwire/service';
import { type Announcer, type CancelRequest, TaskStore } from '@taskwire/store';
import { type PrivateRedis, type Stack, type StackOptions, startPrivateRedis, startStack } from '@taskwire/testing';
import { afterAll, afterEach, expect, inject, onTestFinished, test } from 'vitest';

let stack: Stack;
const folder = mkdtempSync(join(tmpdir(), 'taskwire-test-'));

afterEach(() => stack?.[Symbol.asyncDispose]());
afterAll(() => rmSync(folder, { recursive: true }));

async function start(services: readonly ServiceName[], options: Partial<StackOptions> = {}): Promise<void> {
  const tasks = fileURLToPath(new URL('tasks', import.meta.url));
  const env = { TASKWIRE_TASKS_FOLDERS: tasks, ...options.env };
  stack = await startStack({ redisUrl: inject('redisUrl'), services, ...options, env });
}

/** Publishes a task that runs until it is cancelled, and resolves when it does. */
async function running(parameters: object = {}): Promise<string> {
  const task_id = newTaskId();
  const endless = { file: join(folder, task_id), run_ms: 60_000, ...parameters };
  await stack.publish({ task_id, task_type: 'log_run', parameters: endless });
  await stack.event(task_id, 'started');
  return task_id;
}

/** Publishes a task that waits in its queue, and resolves with its id when it does. */
async function waiting(): Promise<string> {
  const task_id = newTaskId();
  const parameters = { file: join(folder, task_id) };
  await stack.publish({ task_id, task_type: 'log_run', parameters, delay_ms: 3_600_000 });
  await stack.event(task_id, 'accepted');
  return task_id;
}

function runsOf(taskId: string): number {
  const file = join(folder, taskId);
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n').length : 0;
}

function endsOf(taskId: string): string[] {
  const { results } = stack.config.redis.channels;
  return stack.recorder.all
    .filter(({ channel, message }) => channel === results && message.task_id === taskId)
    .map(({ message }) => message.error_code ?? message.status);
}

async function nothingIsLeft(): Promise<void> {
  const { key_prefix } = stack.config.redis;
  const keys = [cancellationsKey(key_prefix), removalsKey(key_prefix)];
  await expect.poll(() => stack.redis.exists(...keys), { timeout: 10_000 }).toBe(0);
}

const LOST = { TASKWIRE_JOBS_LOCK_MS: '1000' };
const NOT_RUN_AGAIN = { error_code: 'cancelled', error: 'Cancelled before it was run again', attempts: 1 };

test('a worker that is frozen while it is told stops the task when it goes on', async () => {
  await start(['processor', 'worker'], { processes: ['worker'] });
  const task_id = await running();
  stack.process('worker').process.kill('SIGSTOP');
  await stack.cancel(task_id);
  await stack.event(task_id, 'cancel_requested');
  stack.process('worker').process.kill('SIGCONT');
  expect(await stack.result(task_id)).toMatchObject({ error: 'Cancelled while it ran' });
  await nothingIsLeft();
  expect(endsOf(task_id)).toEqual(['cancelled']);
});

/** Cuts connections of one service: those that match the words of CLIENT LIST. */
async function cut(redis: PrivateRedis, words: RegExp): Promise<number> {
  const clients = ((await redis.command('CLIENT', 'LIST')) as string).split('\n').filter((line) => words.test(line));
  for (const line of clients) await redis.command('CLIENT', 'KILL', 'ID', line.match(/^id=(\d+)/)?.[1] as string);
  return clients.length;
}

test('a worker that was cut off while it should have been told finds out when it is back', async () => {
  await using redis = await startPrivateRedis();
  await start(['processor', 'worker'], { redisUrl: redis.url, processes: ['worker'] });
  const task_id = await running();
  stack.process('worker').process.kill('SIGSTOP');
  expect(await cut(redis, /name=taskwire:worker .* sub=1 /)).toBe(1);
  await stack.cancel(task_id);
  await stack.event(task_id, 'cancel_requested');
  stack.process('worker').process.kill('SIGCONT');
  expect(await stack.result(task_id)).toMatchObject({ error: 'Cancelled while it ran' });
  await stack[Symbol.asyncDispose]();
});

test('cancels after all connections were cut', async () => {
  await using redis = await startPrivateRedis();
  await start(['processor', 'worker'], { redisUrl: redis.url });
  const task_id = await running();
  const gap = stack.recorder.first(({ message }) => message.event === 'intake_gap');
  expect(await cut(redis, /name=taskwire:/)).toBeGreaterThan(3);
  expect((await gap).message.channels).toContain(stack.config.redis.channels.cancel);
  await stack.cancel(task_id);
  expect(await stack.result(task_id)).toMatchObject({ error_code: 'cancelled' });
  await stack[Symbol.asyncDispose]();
});

test('a task whose worker is killed after it was told ends without running again, though there is no worker', async () => {
  await start(['processor', 'worker'], { processes: ['worker'], env: LOST });
  const task_id = await running({ heed_signal: false });
  await stack.cancel(task_id);
  await stack.event(task_id, 'cancel_requested');
  await stack.process('worker').kill();
  expect(await stack.result(task_id)).toMatchObject(NOT_RUN_AGAIN);
  await nothingIsLeft();
});

test('the next worker ends it without running it, though there is no processor', async () => {
  await start(['processor', 'worker'], { processes: ['processor', 'worker'], env: LOST });
  const task_id = await running({ heed_signal: false });
  await stack.cancel(task_id);
  await stack.event(task_id, 'cancel_requested');
  await stack.process('processor').kill();
  await stack.process('worker').kill();
  await stack.start('worker');
  expect(await stack.result(task_id)).toMatchObject(NOT_RUN_AGAIN);
  expect(runsOf(task_id)).toBe(1);
  await nothingIsLeft();
});

test('a worker that stops ends what it was told to cancel, instead of giving it back', async () => {
  await start(['processor', 'worker'], { processes: ['worker'], env: { TASKWIRE_SERVICES_STOP_TIMEOUT_MS: '100' } });
  const task_id = await running({ heed_signal: false });
  await stack.cancel(task_id);
  await stack.event(task_id, 'cancel_requested');
  expect(await stack.process('worker').stop()).toBe(0);
  expect(await stack.result(task_id)).toMatchObject({ error: 'Cancelled while it ran', attempts: 1 });
});

test('with two processors, each of 50 tasks that are cancelled at once has one result, and leaves no job', async () => {
  await start(['processor', 'processor', 'worker', 'worker']);
  const [channel] = stack.config.redis.channels.tasks;
  const ids = Array.from({ length: 50 }, newTaskId);
  const pipeline = stack.redis.pipeline();
  for (const task_id of ids) {
    const parameters = { file: join(folder, task_id), run_ms: 60_000 };
    pipeline.publish(channel, JSON.stringify({ task_id, task_type: 'log_run', parameters }));
    pipeline.publish(stack.config.redis.channels.cancel, JSON.stringify({ task_id }));
  }
  await pipeline.exec();
  await Promise.all(ids.map((id) => stack.result(id)));
  await nothingIsLeft();
  const keyPrefix = stack.config.redis.key_prefix;
  const counts = () => {
    const lists = ['wait', 'active'].map((name) => stack.redis.llen(`${keyPrefix}:default:${name}`));
    return Promise.all(lists);
  };
  await expect.poll(counts).toEqual([0, 0]);
  for (const id of ids) expect(endsOf(id)).toEqual(['cancelled']);
  // They handle what they have heard before they stop.
  await Promise.all(stack.services.filter(({ name }) => name === 'processor').map((processor) => processor.stop()));
  const answers = stack.recorder.all.filter(({ message }) => /^cancel_re/.test(message.event));
  const answered = answers.map(({ message }) => message.task_id);
  expect(answered).toEqual([...new Set(answered)]);
  expect(answers.filter(({ message }) => message.event === 'cancel_refused')).toEqual([]);
});

/** Cancels a task that waits, and adds its job again, as a processor does that was slower than the leading one. */
async function addedAgain(options: object): Promise<{ taskId: string; job: () => Promise<TaskJob | undefined> }> {
  const taskId = await waiting();
  const keyPrefix = stack.config.redis.key_prefix;
  const [key] = await stack.redis.keys(`${keyPrefix}:default:t-${taskId}.*`);
  const jobId = (key as string).split(':').at(-1) as string;
  await stack.cancel(taskId);
  await stack.result(taskId);
  await nothingIsLeft();
  const logger = createLogger({ service: 'test', level: 'silent' });
  const queues = await openQueues({ names: ['default'], keyPrefix, connection: stack.redis, logger });
  const queue = queues.get('default');
  await queue?.add('log_run', { task_id: taskId, parameters: { file: join(folder, taskId) } }, { jobId, ...options });
  onTestFinished(() => queue?.close());
  return { taskId, job: async () => queue?.getJob(jobId) };
}

test('a job that a slow processor adds after its task was cancelled does not stay', async () => {
  await start(['processor', 'processor']);
  const { taskId, job } = await addedAgain({ delay: 3_600_000 });
  expect(await job()).toBeDefined();
  // Which the slow one hears after it has added the job.
  await stack.cancel(taskId);
  await expect.poll(job, { timeout: 10_000 }).toBeUndefined();
  expect(endsOf(taskId)).toEqual(['cancelled']);
});

test('nor is it run by a worker that takes it at once', async () => {
  await start(['processor', 'worker']);
  const { taskId, job } = await addedAgain({});
  await expect.poll(async () => (await job())?.finishedOn, { timeout: 10_000 }).toBeDefined();
  expect((await job())?.failedReason).toBe('cancelled: Cancelled before it ran');
  expect(runsOf(taskId)).toBe(0);
  expect(endsOf(taskId)).toEqual(['cancelled']);
});

/** A processor's hold on cancellations, and one that dies when it is to tell the result. */
async function dyingProcessor() {
  const { redis, config } = stack;
  const keyPrefix = config.redis.key_prefix;
  const logger = createLogger({ service: 'test', level: 'silent' });
  const store = new TaskStore({ redis, config });
  const announcer = { final: () => new Promise(() => undefined) } as unknown as Announcer;
  const queues = await openQueues({ names: ['default'], keyPrefix, connection: redis, logger });
  return {
    store,
    removal: new JobRemoval({
      redis,
      keyPrefix,
      announcer,
      store,
      registry: { get: () => undefined },
      metrics: new ServiceMetrics(),
      logger,
    }),
    queue: queues.get('default'),
  };
}

test.each(['before the removal', 'between the removal and the result'])(
  'a task whose processor died %s gets its result from the next one',
  async (when) => {
    await start(['processor'], { processes: ['processor'] });
    const task_id = await waiting();
    await stack.process('processor').kill();
    const { store, removal, queue } = await dyingProcessor();
    const asked = await store.requestCancel(task_id);
    const { jobId } = (asked as Extract<CancelRequest, { status: 'asked' }>).job;
    if (when !== 'before the removal') {
      const job = (await queue?.getJob(jobId)) as TaskJob;
      void removal.removeWaiting([job], 'Cancelled before it ran');
      await expect.poll(() => queue?.getJob(jobId)).toBeUndefined();
    }
    await queue?.close();
    await stack.start('processor');
    expect(await stack.result(task_id)).toMatchObject({ error: 'Cancelled before it ran', attempts: 0 });
    await nothingIsLeft();
    expect(endsOf(task_id)).toEqual(['cancelled']);
  },
);

test('a cancellation of a task that was forgotten without a result is forgotten, too', async () => {
  await start(['processor', 'worker'], { processes: ['worker'] });
  const task_id = await running({ heed_signal: false });
  await stack.cancel(task_id);
  await stack.event(task_id, 'cancel_requested');
  await stack.process('worker').kill();
  await stack.redis.del(`${stack.config.redis.key_prefix}:task:${task_id}`);
  await nothingIsLeft();
});
