import { eventSchema, resultSchema } from '@taskwire/protocol';
import { type AcceptedTask, WatchedRun } from '@taskwire/store';
import {
  checkpoint,
  defineTask,
  HandOver,
  PermanentError,
  type TaskContext,
  type TaskHandler,
  TaskRegistry,
} from '@taskwire/tasks';
import { failureOf } from '@taskwire/tasks/running';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { AttemptOutcome } from './attempt.ts';
import { Executor, type ExecutorOptions } from './executor.ts';
import { processLost, waitedTooLong, workerLost } from './failures.ts';
import type { Run } from './run.ts';
import type { Lane } from './task-process/lane.ts';

const definition = defineTask({
  type: 'shout',
  description: 'Makes a text loud.',
  parameters: z.strictObject({ text: z.string() }),
  result: z.looseObject({}),
  example: { text: 'hello' },
});

interface Situation extends Partial<Omit<Run, 'task' | 'watched'>> {
  handler?: (context: TaskContext<{ text: string }>) => unknown;
  task?: Partial<AcceptedTask>;
  known?: boolean;
  stopSignal?: AbortSignal;
  isolated?: boolean;
  laneOf?: ExecutorOptions['laneOf'];
  /** What becomes of it in a task process. */
  apart?: (begin: () => void, lane: Lane | undefined) => Promise<AttemptOutcome>;
}

/** Executes the task `t`, and keeps what is told of it meanwhile. */
function execute(situation: Situation = {}) {
  const {
    handler = () => ({ loud: 'HELLO' }),
    known = true,
    task,
    stopSignal,
    isolated = false,
    laneOf,
    ...run
  } = situation;
  const { apart = () => Promise.reject(new Error('a task process is not expected')) } = situation;
  const told: unknown[] = [];
  const watched = new WatchedRun('t', false);
  const submitted: object[] = [];
  const logged: object[] = [];
  const executor = new Executor({
    tasks: new Map(
      known ? [['shout', { definition: { ...definition, isolated }, handler: handler as TaskHandler }]] : [],
    ),
    registry: new TaskRegistry(),
    maxBytes: 10_000,
    processes: {
      run: (_run, _context, begin, lane) => apart(begin, lane),
      inTurn: (_run, _context, _lane, work) => work(),
    },
    laneOf,
    submit: async (message) => submitted.push(JSON.parse(message)),
    tell: (event) => told.push(eventSchema.parse(JSON.parse(JSON.stringify(event)))),
    logger: pino({}, { write: (line: string) => void logged.push(JSON.parse(line)) }),
    stopping: new AbortController().signal,
    stopSignal: stopSignal ?? new AbortController().signal,
  });
  const decision = executor.execute({
    task: {
      task_id: 't',
      task_type: 'shout',
      parameters: { text: 'hello' },
      user_id: 7,
      metadata: {},
      reply_to: undefined,
      timeout_ms: undefined,
      attempts: undefined,
      acceptedAt: Date.now() - 50,
      ...task,
    },
    startedAt: Date.now(),
    failedAttempts: 0,
    timesStarted: 0,
    timesLost: 0,
    stored: undefined,
    isCancelled: false,
    checkpoint: undefined,
    keepCheckpoint: async () => 'kept',
    deaths: async () => 0,
    mayBeKnownElsewhere: async () => false,
    watched,
    showProgress: () => undefined,
    ...run,
  });
  return { decision, told, watched, submitted, logged };
}

/** How the task ends: a decision whose message is the result. */
async function failed(situation: Situation) {
  const { decision, told } = execute(situation);
  const decided = await decision;
  if (decided.status !== 'failed') throw new Error(`it has ${decided.status}`);
  expect(JSON.parse(decided.message)).toEqual(resultSchema.parse(JSON.parse(JSON.stringify(decided.result))));
  return { ...decided.result, told };
}

test('a handler that returns completes its task', async () => {
  const { decision, told } = execute({ task: { metadata: { page: 3 } } });
  const decided = await decision;
  expect(decided).toMatchObject({
    status: 'completed',
    isTold: false,
    result: { task_id: 't', user_id: 7, metadata: { page: 3 }, result: { loud: 'HELLO' }, attempts: 1 },
  });
  if (decided.status === 'completed') expect(JSON.parse(decided.message)).toEqual(decided.result);
  expect(told).toMatchObject([{ event: 'started', attempt: 1 }]);
});

test('a failed attempt is made again after a while', async () => {
  const handler = () => Promise.reject(new Error('no connection'));
  const { decision, told } = execute({ handler, failedAttempts: 1 });
  expect(await decision).toMatchObject({ status: 'retry', error: 'no connection', delayMs: expect.any(Number) });
  expect(told).toMatchObject([{ event: 'started', attempt: 2 }]);
});

test.each<[string, Situation]>([
  ['the last attempt of the task', { failedAttempts: 2 }],
  ['the last attempt that the request allows', { failedAttempts: 0, task: { attempts: 1 } }],
])('what fails in %s has failed', async (_, situation) => {
  const handler = () => Promise.reject(new Error('no connection'));
  expect(await failed({ ...situation, handler })).toMatchObject({ error_code: 'task_failed', error: 'no connection' });
});

test('runs that were lost with their worker count in the result, and neither as attempts that are allowed nor for the handler', async () => {
  const situation = { timesLost: 2, failedAttempts: 1, timesStarted: 3 };
  const apart = async (begin: () => void) => {
    begin();
    return { status: 'completed' as const, result: { loud: 'HELLO' } };
  };
  const { decision, told } = execute({ ...situation, apart });
  expect(await decision).toMatchObject({ status: 'completed', result: { attempts: 4 } });
  expect(told).toMatchObject([{ event: 'started', attempt: 2 }]);
  const again = async () => ({ status: 'failed' as const, failure: failureOf(new Error('no connection')) });
  expect(await execute({ ...situation, apart: again }).decision).toMatchObject({ status: 'retry' });
});

test('a request may allow more attempts than the task', async () => {
  const handler = () => Promise.reject(new Error('no connection'));
  expect(await execute({ handler, failedAttempts: 2, task: { attempts: 4 } }).decision).toMatchObject({
    status: 'retry',
  });
});

test.each<[string, Situation, string]>([
  ['a permanent error', { handler: () => Promise.reject(new PermanentError('closed')) }, 'task_failed'],
  ['a result that is not what it declares', { handler: () => 5 }, 'task_failed'],
  ['a result that has no JSON form', { handler: () => ({ big: 1n }) }, 'task_failed'],
  ['a result that is too large', { handler: () => ({ loud: 'é'.repeat(5000) }) }, 'result_too_large'],
  ['parameters that do not fit', { task: { parameters: { text: 5 } } }, 'invalid_parameters'],
])('%s is not tried again', async (_, situation, code) => {
  const { told, ...result } = await failed(situation);
  expect(result).toMatchObject({ error_code: code });
  expect(told).toMatchObject([{ event: 'started' }]);
});

test('a task that runs out of time has timed out, by its own limit or by that of the request', async () => {
  const handler = ({ signal }: TaskContext<object>) =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve({})));
  expect(await failed({ handler, task: { timeout_ms: 1, attempts: 1 } })).toMatchObject({
    error_code: 'timeout',
    error: 'The task did not end within 1 ms',
  });
});

test('tells progress from 0 to 1, whatever the handler says, and shows it at most once a second', async () => {
  const showProgress = vi.fn();
  const { decision, told } = execute({
    showProgress,
    handler: ({ progress }) => {
      progress(0.5, 'half');
      for (const fraction of [-1, 2, Number.NaN]) progress(fraction);
      return {};
    },
  });
  await decision;
  expect(told.slice(1)).toMatchObject([
    { event: 'progress', progress: 0.5, message: 'half' },
    { progress: 0 },
    { progress: 1 },
    { progress: 0 },
  ]);
  expect(showProgress.mock.calls).toEqual([[{ progress: 0.5, message: 'half' }]]);
});

test('a handler that has ended has nothing more to tell', async () => {
  let tellLater: ((fraction: number) => void) | undefined;
  const { decision, told } = execute({
    handler: ({ progress }) => {
      tellLater = progress;
      return {};
    },
  });
  await decision;
  tellLater?.(0.9);
  expect(told).toHaveLength(1);
});

test('a task that the worker does not know is answered, and never starts', async () => {
  const { told, ...result } = await failed({ known: false });
  expect(result).toMatchObject({ error_code: 'unknown_task_type', error: expect.stringContaining('"shout"') });
  expect(told).toEqual([]);
});

test('an attempt leaves notes: what its handler logged, and where it threw', async () => {
  const error = Object.assign(new Error('no connection'), { stack: 'Error: no connection\n    at letter.ts:1:1' });
  const handler = ({ log, logger }: TaskContext<object>) => {
    log('asks with password=hunter2');
    logger.warn({ apiKey: 'hunter2', page: 3 }, 'is torn');
    throw error;
  };
  const { notes } = await execute({ handler }).decision;
  const line = { attempt: 1, timestamp: expect.stringMatching(/^\d{4}-.*Z$/) };
  expect(notes).toMatchObject({
    attempt: 1,
    error: 'no connection',
    stack: error.stack,
    log: [
      { ...line, level: 'info', message: 'asks with password=⟦masked⟧' },
      { ...line, level: 'warn', message: 'is torn', fields: { apiKey: '⟦masked⟧', page: 3 } },
    ],
  });
});

test('a handler that logs nothing leaves no log, and one that floods it the last 200 lines', async () => {
  expect((await execute().decision).notes).not.toHaveProperty('log');
  const handler = ({ log }: TaskContext<object>) => {
    for (let line = 0; line < 300; line += 1) log(`line ${line}`);
    return {};
  };
  const { notes } = await execute({ handler }).decision;
  expect(notes?.log?.map(({ message }) => message)).toEqual(Array.from({ length: 200 }, (_, at) => `line ${at + 100}`));
});

test('what a task logged before it was handed over stays', async () => {
  const handler = ({ log }: TaskContext<object>) => {
    log('half is done');
    throw new HandOver();
  };
  const decided = await execute({ handler }).decision;
  expect(decided).toMatchObject({ status: 'returned', notes: { log: [{ message: 'half is done' }] } });
});

test('goes back to the queue when the worker stops', async () => {
  const stopping = new AbortController();
  const { decision } = execute({
    stopSignal: stopping.signal,
    handler: () => {
      stopping.abort();
      return new Promise(() => undefined);
    },
  });
  expect(await decision).toEqual({ status: 'returned' });
});

test.each([
  ['whose worker was lost', { timesStarted: 1, timesLost: 1 }],
  ['of an isolated type', { isolated: true }],
])('a task %s runs in a task process alone, and starts when there is a place', async (_, situation) => {
  const handler = vi.fn();
  const place = Promise.withResolvers<void>();
  const apart = async (begin: () => void): Promise<AttemptOutcome> => {
    await place.promise;
    begin();
    return { status: 'completed', result: { loud: 'ELSEWHERE' } };
  };
  const { decision, told } = execute({ ...situation, handler, apart });
  expect(told).toEqual([]);
  place.resolve();
  expect(await decision).toMatchObject({ status: 'completed', result: { result: { loud: 'ELSEWHERE' } } });
  expect(told).toMatchObject([{ event: 'started' }]);
  expect(handler).not.toHaveBeenCalled();
});

const lane: Lane = { name: 'engine', processes: 1, idleMs: 1000, killAfterMs: 1000 };

test('what a task process returns is in the message, as it came', async () => {
  const apart = vi.fn(async () => ({ status: 'completed' as const, json: '{"big":  1e400}' }));
  const { decision } = execute({ laneOf: async () => lane, apart });
  const decided = await decision;
  expect(decided).toMatchObject({
    status: 'completed',
    message: expect.stringContaining(',"result":{"big":  1e400}}'),
  });
  expect(apart).toHaveBeenCalledWith(expect.any(Function), lane);
});

test('what a task process returns must not make the message too large', async () => {
  const apart = async () => ({ status: 'completed' as const, json: JSON.stringify({ text: 'x'.repeat(9_900) }) });
  const { error_code } = await failed({ laneOf: async () => lane, apart });
  expect(error_code).toBe('result_too_large');
});

test('a task of a lane runs here in its turn if it may, and alone if it must', async () => {
  const laneOf = async () => ({ ...lane, isHere: true });
  const usual: unknown[] = [];
  const apart = async (begin: () => void, given: Lane | undefined) => {
    usual.push(given);
    begin();
    return { status: 'completed' as const, result: { loud: 'APART' } };
  };
  expect(await execute({ laneOf }).decision).toMatchObject({ result: { result: { loud: 'HELLO' } } });
  expect(await execute({ laneOf, apart, timesLost: 1 }).decision).toMatchObject({
    result: { result: { loud: 'APART' } },
  });
  // In the processes of all such tasks.
  expect(usual).toEqual([undefined]);
});

test('a task that waited too long for its turn was not begun, is not tried again, and leaves nothing running', async () => {
  const apart = async () => ({ status: 'failed' as const, failure: waitedTooLong(30_000, 'a turn') });
  const handler = vi.fn(() => ({}));
  const { told, ...result } = await failed({ laneOf: async () => lane, apart, handler, checkpoint: '{"page":3}' });
  expect(result).toMatchObject({
    error_code: 'timeout',
    attempts: 0,
    error: expect.stringContaining('30000 ms for a turn'),
  });
  expect(handler).toHaveBeenCalledWith(expect.objectContaining({ checkpoint: { page: 3 } }));
  expect(told).toEqual([]);
});

test('a task for which no place is free here goes back for a while', async () => {
  const apart = async () => ({ status: 'returned' as const, delayMs: 1000 });
  const { decision, told } = execute({ laneOf: async () => lane, apart });
  expect(await decision).toEqual({ status: 'returned', delayMs: 1000 });
  expect(told).toEqual([]);
});

test('a task whose own process dies has lost its worker for good, and says how often it ran', async () => {
  const apart = async (begin: () => void) => {
    begin();
    return { status: 'failed' as const, failure: processLost('SIGABRT') };
  };
  const { told, ...result } = await failed({ timesStarted: 2, failedAttempts: 1, timesLost: 1, apart });
  expect(result).toMatchObject({ error_code: 'worker_lost', attempts: 3, error: expect.stringContaining('SIGABRT') });
});

test.each([
  [{ status: 'completed', result: { loud: 'EARLIER' } }],
  [{ status: 'error', error_code: 'timeout', error: 'too late' }],
])('does not run again when it has its result already: %j', async (result) => {
  const handler = vi.fn();
  const stored = JSON.stringify(result);
  const { decision, told } = execute({ timesStarted: 2, timesLost: 2, isCancelled: true, handler, stored });
  const status = result.status === 'completed' ? 'completed' : 'failed';
  expect(await decision).toEqual({ status, result, message: stored, isTold: true });
  expect(handler).not.toHaveBeenCalled();
  expect(told).toEqual([]);
});

test('a task that loses its workers again and again, also from a task process, ends in an error', async () => {
  const apart = async () => ({ status: 'failed' as const, failure: workerLost(2) });
  const { told, ...result } = await failed({ timesStarted: 3, timesLost: 3, apart });
  expect(result).toMatchObject({ error_code: 'worker_lost', attempts: 3, error: expect.stringContaining('2 times') });
  expect(told).toEqual([]);
});

test('an attempt whose task another worker has taken over has no result, whatever its handler does', async () => {
  const handler = () => checkpoint('late').catch(() => ({ loud: 'ANYHOW' }));
  const { decision } = execute({ handler, keepCheckpoint: async () => 'passed' });
  expect(await decision).toEqual({ status: 'returned' });
});

test.each<[string, Situation]>([
  ['is cancelled', { isCancelled: true }],
  ['has lost its workers too often', { apart: async () => ({ status: 'failed', failure: workerLost(2) }) }],
])('a task that %s and has a checkpoint ends what it has begun elsewhere', async (_, situation) => {
  const handler = vi.fn(({ signal }: TaskContext<unknown>) => signal.throwIfAborted());
  await failed({ timesStarted: 3, timesLost: 3, ...situation, checkpoint: '{"handle":7}', handler });
  expect(handler.mock.calls.map(([context]) => context)).toMatchObject([{ checkpoint: { handle: 7 }, taskId: 't' }]);
});

test('the error says so when what a cancelled task has begun could not be ended', async () => {
  const handler = () => Promise.reject(new Error('the warehouse does not answer'));
  const result = await failed({ timesStarted: 1, isCancelled: true, checkpoint: '{"handle":7}', handler });
  const error = /^Cancelled .*; what it had begun elsewhere may still go on: the warehouse does not answer$/;
  expect(result).toMatchObject({ error_code: 'cancelled', error: expect.stringMatching(error) });
});

test('a program is not called to end what it has begun elsewhere: it could only run the task', async () => {
  const apart = vi.fn();
  const handler = { command: ['./shout.sh'], mode: 'stream', processes: 1 } as never;
  const result = await failed({ timesStarted: 1, isCancelled: true, checkpoint: '{"handle":7}', handler, apart });
  expect(result).toMatchObject({ error_code: 'cancelled', error: 'Cancelled before it was run again' });
  expect(apart).not.toHaveBeenCalled();
});

test.each([
  [undefined, 'A checkpoint must be JSON, not undefined'],
  ['ü'.repeat(2048), 'A checkpoint may take 4096 bytes as JSON; this one takes 4098'],
])('refuses a checkpoint that is none: %#', async (value, error) => {
  expect(await failed({ failedAttempts: 9, handler: () => checkpoint(value as string) })).toMatchObject({ error });
});

test('a task that another worker may know goes back for it', async () => {
  const { decision, told } = execute({ known: false, mayBeKnownElsewhere: async () => true });
  expect(await decision).toEqual({ status: 'returned', delayMs: expect.any(Number) });
  expect(told).toEqual([]);
});

test.each<[string, Situation, string, number]>([
  ['that was heard of just before', {}, 'Cancelled before it ran', 0],
  [
    'while it waited for another attempt',
    { failedAttempts: 2, timesStarted: 2 },
    'Cancelled before it was run again',
    2,
  ],
  ['whose worker was lost', { timesStarted: 1, timesLost: 1 }, 'Cancelled before it was run again', 1],
  ['whose workers were lost too often', { timesStarted: 2, timesLost: 2 }, 'Cancelled before it was run again', 2],
  ['that a worker gave back', { timesStarted: 1 }, 'Cancelled before it was run again', 0],
])('a cancelled task %s ends without being run', async (_, situation, error, attempts) => {
  const handler = vi.fn();
  const { told, ...result } = await failed({ ...situation, isCancelled: true, handler });
  expect(handler).not.toHaveBeenCalled();
  expect(result).toMatchObject({ error_code: 'cancelled', error, attempts });
  expect(told).toEqual([]);
});

test('a task that is cancelled while it runs ends in that, whatever its handler does', async () => {
  const { decision, watched } = execute({
    handler: async ({ signal }) => {
      await null;
      watched.cancel();
      throw new Error(signal.aborted ? 'a fault that another attempt would mend' : 'the signal was not aborted');
    },
  });
  expect(await decision).toMatchObject({
    status: 'failed',
    result: { error_code: 'cancelled', error: 'Cancelled while it ran', attempts: 1 },
  });
});

test('a task that is cancelled when an attempt has just failed is not tried again', async () => {
  const handler = () => Promise.reject(new Error('no connection'));
  const { decision, watched, told } = execute({ handler });
  watched.cancel = () => undefined;
  Object.defineProperty(watched, 'cancelled', { get: () => told.length > 0 });
  expect(await decision).toMatchObject({ status: 'failed', result: { error_code: 'cancelled' } });
});
