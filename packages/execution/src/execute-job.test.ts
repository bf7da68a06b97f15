import { loadConfig, privateEnvironment } from '@taskwire/config';
import { ServiceMetrics } from '@taskwire/monitoring';
import { eventSchema, resultKey, resultSchema } from '@taskwire/protocol';
import type { TaskJob, TaskJobData } from '@taskwire/queue';
import type { Announcer } from '@taskwire/store';
import { WatchedRun } from '@taskwire/store';
import { defineTask, PermanentError, type TaskContext, type TaskHandler, TaskRegistry } from '@taskwire/tasks';
import { UnrecoverableError, WaitingError } from 'bullmq';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { executeJob, RetryLater } from './execute-job.ts';

const definition = defineTask({
  type: 'shout',
  description: 'Makes a text loud.',
  parameters: z.strictObject({ text: z.string() }),
  result: z.looseObject({}),
  example: { text: 'hello' },
});

const config = loadConfig({
  env: privateEnvironment({ TASKWIRE_RESULTS_MAX_BYTES: '10000', TASKWIRE_JOBS_MAX_LOST: '1' }),
});

interface Situation {
  handler?: (context: TaskContext<{ text: string }>) => unknown;
  data?: Partial<TaskJobData>;
  /** How many attempts were made before this one, and how often the job lost its worker. */
  attemptsMade?: number;
  stalledCounter?: number;
  /** How often a worker that stopped gave it back. */
  returned?: number;
  /** The results that the store holds, by key. */
  stored?: Record<string, string>;
  known?: boolean;
  /** Whether the task is to be cancelled, as Redis has it. */
  cancelled?: boolean;
  /** Whether its worker has heard so before the job came. */
  heard?: boolean;
  stopSignal?: AbortSignal;
}

/** Executes a job of the task `t`, and keeps what is said about it in the order in which it is said. */
function execute({ handler = () => ({ loud: 'HELLO' }), known = true, stored = {}, ...situation }: Situation = {}) {
  const said: string[] = [];
  const messages: unknown[] = [];
  const final = vi.fn(async (_result: unknown, message: string, _replyTo?: string) => {
    const result = resultSchema.parse(JSON.parse(message));
    said.push(result.status === 'error' ? result.error_code : result.status);
    messages.push(result);
  });
  const event = (told: unknown) => {
    const parsed = eventSchema.parse(JSON.parse(JSON.stringify(told)));
    said.push(parsed.event);
    messages.push(parsed);
  };
  const moveToWait = vi.fn(async () => undefined);
  const run = new WatchedRun('t', { heard: situation.heard ?? false, leave: () => undefined });
  const includes = vi.fn(async () => situation.cancelled ?? false);
  const job = {
    id: 't-t.1',
    name: 'shout',
    data: { task_id: 't', parameters: { text: 'hello' }, user_id: 7, ...situation.data },
    opts: {},
    timestamp: Date.now() - 50,
    attemptsMade: situation.attemptsMade ?? 0,
    // BullMQ counts this one, too.
    attemptsStarted: (situation.attemptsMade ?? 0) + (situation.stalledCounter ?? 0) + (situation.returned ?? 0) + 1,
    stalledCounter: situation.stalledCounter ?? 0,
    moveToWait,
    updateProgress: async () => undefined,
  };
  const outcome = executeJob({
    job: job as unknown as TaskJob,
    token: 'token',
    task: known ? { definition, handler: handler as TaskHandler } : undefined,
    registry: new TaskRegistry(),
    config,
    redis: { get: async (key: string) => stored[key] ?? null } as unknown as Redis,
    announcer: { event, final } as unknown as Announcer,
    cancelWatch: { enter: () => run },
    cancellations: { includes },
    metrics: new ServiceMetrics(),
    logger: pino({ level: 'silent' }),
    stopSignal: situation.stopSignal ?? new AbortController().signal,
  });
  outcome.catch(() => undefined);
  return { outcome, said, messages, final, moveToWait, job, run, includes };
}

function storedResult(result: object): Record<string, string> {
  return { [resultKey(config.redis.key_prefix, 't')]: JSON.stringify(result) };
}

test('announces the result of a task, also on its reply channel, and keeps it in the job', async () => {
  const { outcome, said, messages, final } = execute({ data: { reply_to: 'results:me', metadata: { page: 3 } } });
  await expect(outcome).resolves.toEqual({ loud: 'HELLO' });
  expect(said).toEqual(['started', 'completed']);
  expect(messages[1]).toMatchObject({
    task_id: 't',
    user_id: 7,
    metadata: { page: 3 },
    result: { loud: 'HELLO' },
    attempts: 1,
  });
  expect(final.mock.calls[0]?.[2]).toBe('results:me');
});

test('is not finished before its result is announced', async () => {
  const { outcome, final } = execute();
  const announced = Promise.withResolvers<undefined>();
  final.mockReturnValue(announced.promise as unknown as Promise<void>);
  const finished = vi.fn();
  void outcome.then(finished);
  await vi.waitFor(() => expect(final).toHaveBeenCalled());
  await new Promise((resolve) => setImmediate(resolve));
  expect(finished).not.toHaveBeenCalled();
  announced.resolve(undefined);
  await outcome;
});

test('leaves a long result out of the job', async () => {
  const { outcome, messages } = execute({ handler: () => ({ loud: 'A'.repeat(5000) }) });
  await expect(outcome).resolves.not.toHaveProperty('loud');
  expect(messages[1]).toMatchObject({ result: { loud: 'A'.repeat(5000) } });
});

test('a failed attempt is tried again after a while, and has no result yet', async () => {
  const before = Date.now();
  const handler = () => Promise.reject(new Error('no connection'));
  const { outcome, said, messages, job } = execute({ handler, attemptsMade: 1 });
  await expect(outcome).rejects.toThrow(RetryLater);
  expect(said).toEqual(['started', 'retrying']);
  expect(messages).toMatchObject([{ attempt: 2 }, { attempt: 2, error: 'no connection' }]);
  const { next_attempt_at } = messages[1] as { next_attempt_at: string };
  const { delayMs } = (await outcome.catch((error: unknown) => error)) as RetryLater;
  expect(Date.parse(next_attempt_at) - before).toBeGreaterThanOrEqual(delayMs);
  expect(job.opts).toMatchObject({ attempts: 3 });
});

test.each([
  ['the last attempt of the task', { attemptsMade: 2 }],
  ['the last attempt that the request allows', { attemptsMade: 0, data: { attempts: 1 } }],
])('what fails in %s has failed', async (_, situation) => {
  const { outcome, said } = execute({ ...situation, handler: () => Promise.reject(new Error('no connection')) });
  await expect(outcome).rejects.toThrow(UnrecoverableError);
  expect(said).toEqual(['started', 'task_failed']);
});

test('a request may allow more attempts than the task', async () => {
  const handler = () => Promise.reject(new Error('no connection'));
  await expect(execute({ handler, attemptsMade: 2, data: { attempts: 4 } }).outcome).rejects.toThrow(RetryLater);
});

test.each<[string, Situation, string]>([
  ['a permanent error', { handler: () => Promise.reject(new PermanentError('closed')) }, 'task_failed'],
  ['a result that is not what it declares', { handler: () => 5 }, 'task_failed'],
  ['a result that has no JSON form', { handler: () => ({ big: 1n }) }, 'task_failed'],
  ['a result that is too large', { handler: () => ({ loud: 'é'.repeat(5000) }) }, 'result_too_large'],
  ['parameters that do not fit', { data: { parameters: { text: 5 } } }, 'invalid_parameters'],
])('%s is not tried again', async (_, situation, code) => {
  const { outcome, said } = execute(situation);
  await expect(outcome).rejects.toThrow(UnrecoverableError);
  expect(said).toEqual(['started', code]);
});

test('a task that runs out of time has timed out, by its own limit or by that of the request', async () => {
  const handler = ({ signal }: TaskContext<object>) =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve({})));
  const { outcome, messages } = execute({ handler, data: { timeout_ms: 1, attempts: 1 } });
  await expect(outcome).rejects.toThrow(UnrecoverableError);
  expect(messages[1]).toMatchObject({ error_code: 'timeout', error: 'The task did not end within 1 ms' });
});

test('tells progress from 0 to 1, whatever the handler says', async () => {
  const { outcome, messages } = execute({
    handler: ({ progress }) => {
      progress(0.5, 'half');
      for (const fraction of [-1, 2, Number.NaN]) progress(fraction);
      return {};
    },
  });
  await outcome;
  expect(messages.slice(1, -1)).toMatchObject([
    { progress: 0.5, message: 'half' },
    { progress: 0 },
    { progress: 1 },
    { progress: 0 },
  ]);
});

test('a task that the worker does not know is answered', async () => {
  const { outcome, said, messages } = execute({ known: false });
  await expect(outcome).rejects.toThrow(UnrecoverableError);
  expect(said).toEqual(['unknown_task_type']);
  expect(messages[0]).toMatchObject({ error: expect.stringContaining('"shout"') });
});

test('goes back to the queue when the worker stops, and nothing is said', async () => {
  const stopping = new AbortController();
  const { outcome, said, moveToWait } = execute({
    stopSignal: stopping.signal,
    handler: () => {
      stopping.abort();
      return new Promise(() => undefined);
    },
  });
  await expect(outcome).rejects.toThrow(WaitingError);
  expect(moveToWait.mock.calls).toEqual([['token']]);
  expect(said).toEqual(['started']);
});

test('runs again when its worker was lost and it has no result', async () => {
  const { outcome, said } = execute({ stalledCounter: 1 });
  await expect(outcome).resolves.toEqual({ loud: 'HELLO' });
  expect(said).toEqual(['started', 'completed']);
});

test('does not run again when its worker was lost after it had its result', async () => {
  const handler = vi.fn();
  const stored = storedResult({ status: 'completed', result: { loud: 'EARLIER' } });
  const { outcome, said } = execute({ stalledCounter: 2, handler, stored });
  await expect(outcome).resolves.toEqual({ loud: 'EARLIER' });
  expect(handler).not.toHaveBeenCalled();
  expect(said).toEqual([]);
});

test('has failed when its worker was lost after it had its error', async () => {
  const stored = storedResult({ status: 'error', error_code: 'timeout', error: 'too late' });
  await expect(execute({ stalledCounter: 1, stored }).outcome).rejects.toThrow(UnrecoverableError);
});

test('a task that loses its workers again and again ends in an error instead of running', async () => {
  const handler = vi.fn();
  const { outcome, said, messages } = execute({ stalledCounter: 2, handler });
  await expect(outcome).rejects.toThrow(UnrecoverableError);
  expect(handler).not.toHaveBeenCalled();
  expect(said).toEqual(['worker_lost']);
  expect(messages[0]).toMatchObject({ attempts: 2, error: expect.stringContaining('2 times') });
});

test('the first attempt at a task asks nobody whether the task is cancelled', async () => {
  const { outcome, includes } = execute();
  await outcome;
  expect(includes).not.toHaveBeenCalled();
});

test.each<[string, Situation, string, number]>([
  ['that was heard of just before', { heard: true }, 'Cancelled before it ran', 0],
  ['while it waited for another attempt', { attemptsMade: 2 }, 'Cancelled before it was run again', 2],
  ['whose worker was lost', { stalledCounter: 1 }, 'Cancelled before it was run again', 0],
  ['whose workers were lost too often', { stalledCounter: 2 }, 'Cancelled before it was run again', 0],
  ['that a worker gave back', { returned: 1 }, 'Cancelled before it was run again', 0],
])('a cancelled task %s ends without being run', async (_, situation, error, attempts) => {
  const handler = vi.fn();
  const { outcome, said, messages } = execute({ ...situation, cancelled: true, handler });
  await expect(outcome).rejects.toThrow(UnrecoverableError);
  expect(handler).not.toHaveBeenCalled();
  expect(said).toEqual(['cancelled']);
  expect(messages[0]).toMatchObject({ error, attempts });
});

test('a task that was cancelled under its id before, and run again since by an operator, runs', async () => {
  await expect(execute({ heard: true, cancelled: false }).outcome).resolves.toEqual({ loud: 'HELLO' });
});

test('a job that came back after its task was cancelled ends as the task did', async () => {
  const handler = vi.fn();
  const stored = storedResult({ status: 'error', error_code: 'cancelled', error: 'Cancelled before it ran' });
  const { outcome, said } = execute({ heard: true, stored, handler });
  await expect(outcome).rejects.toThrow('cancelled: Cancelled before it ran');
  expect(handler).not.toHaveBeenCalled();
  expect(said).toEqual([]);
});

test('a task that is cancelled while it runs ends in that, whatever its handler does', async () => {
  const { outcome, run, said, messages } = execute({
    handler: async ({ signal }) => {
      await null;
      run.cancel();
      throw new Error(signal.aborted ? 'a fault that another attempt would mend' : 'the signal was not aborted');
    },
  });
  await expect(outcome).rejects.toThrow(UnrecoverableError);
  expect(said).toEqual(['started', 'cancelled']);
  expect(messages[1]).toMatchObject({ error: 'Cancelled while it ran', attempts: 1 });
});

test('a task that is cancelled when an attempt has just failed is not tried again', async () => {
  const handler = () => Promise.reject(new Error('no connection'));
  const { outcome, run, said } = execute({ handler });
  run.cancel = () => undefined;
  Object.defineProperty(run, 'cancelled', { get: () => said.includes('started') });
  await expect(outcome).rejects.toThrow(UnrecoverableError);
  expect(said).toEqual(['started', 'cancelled']);
});
