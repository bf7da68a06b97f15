import type { Decision, Executor, Run } from '@taskwire/execution';
import { ServiceMetrics } from '@taskwire/monitoring';
import { eventSchema, type TaskRun } from '@taskwire/protocol';
import { WatchedRun } from '@taskwire/store';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { JobRunner } from './job-runner.ts';
import { RunningTasks } from './running-tasks.ts';
import type { TaskJob } from './task-job.ts';

interface Situation {
  /** Default: completed. */
  decide?: (run: Run) => Promise<Decision> | Decision;
  data?: unknown;
  attemptsMade?: number;
  stalledCounter?: number;
  /** How often a worker that stopped gave it back. */
  returned?: number;
  /** Whether its worker heard before the job came that the task is cancelled. */
  heard?: boolean;
  stored?: string | null;
  /** Default: that of a job of its own. */
  id?: string;
  look?: () => Promise<never[]>;
  cancelled?: boolean;
  earlier?: TaskRun;
}

const about = { task_id: 't', task_type: 'shout', user_id: 7, metadata: {}, timestamp: '2026-11-21T12:00:00.123Z' };
const times = { attempts: 1, duration_ms: 0, queued_ms: 0 };

function completed(result = { loud: 'HELLO' }, isTold = false): Decision {
  const whole = { ...about, ...times, status: 'completed' as const, result };
  return { status: 'completed', result: whole, message: JSON.stringify(whole), isTold };
}

function failed(isTold = false): Decision {
  const error = { status: 'error', error: 'too late', error_code: 'timeout' } as const;
  const whole = { ...about, ...times, ...error };
  return { status: 'failed', result: whole, message: JSON.stringify(whole), isTold };
}

/** Runs a job of the task `t`, whose execution decides as it is told. */
function run({ decide = () => completed(), attemptsMade = 0, stalledCounter = 0, ...situation }: Situation = {}) {
  const { returned = 0, heard = false, stored = null, cancelled = false, data } = situation;
  const told: unknown[] = [];
  const final = vi.fn(async (_result: unknown, _message: string, _replyTo?: string) => undefined);
  const store = {
    result: vi.fn(async () => stored),
    isCancelled: vi.fn(async () => cancelled),
    checkpoint: vi.fn(async () => ({ status: 'kept' as const, checkpoint: undefined })),
    countDeaths: vi.fn(async () => 0),
    run: vi.fn(async (): Promise<TaskRun | undefined> => situation.earlier),
    keepRun: vi.fn(async () => undefined),
    look: situation.look ?? (async () => []),
    move: async () => [],
  };
  const watched = new WatchedRun('t', heard);
  const runs: Run[] = [];
  const runner = new JobRunner({
    instance: 'abcd1234',
    otherWorkers: { mayKnow: async () => false },
    running: new RunningTasks(() => undefined),
    executor: {
      execute: async (each: Run) => {
        runs.push(each);
        return decide(each);
      },
    } as unknown as Executor,
    registry: { get: () => undefined },
    store,
    announcer: { event: (event) => told.push(eventSchema.parse(JSON.parse(JSON.stringify(event)))), final },
    cancelWatch: { enter: () => watched, leave: () => undefined },
    metrics: new ServiceMetrics(),
    queues: new Map(),
    keepCount: 10,
    signal: new AbortController().signal,
    logger: pino({ level: 'silent' }),
  });
  const job = {
    id: situation.id ?? 't-t.1',
    name: 'shout',
    queueName: 'default',
    data: data ?? { tasks: [{ task_id: 't', parameters: { text: 'hello' }, user_id: 7, reply_to: 'results:me' }] },
    opts: {},
    timestamp: 1000,
    attemptsMade,
    // BullMQ counts this one, too.
    attemptsStarted: attemptsMade + stalledCounter + returned + 1,
    stalledCounter,
  };
  const seats = { take: () => true as const, leave: () => undefined, done: () => undefined };
  const again = () => runner.run({ ...job, stalledCounter: 1 } as unknown as TaskJob, seats);
  return { end: runner.run(job as unknown as TaskJob, seats), again, final, told, store, runs };
}

test('announces the result of a task, also on its reply channel, and keeps it in the job', async () => {
  const { end, final } = run();
  expect(await end).toEqual({ status: 'completed', kept: { loud: 'HELLO' } });
  expect(final).toHaveBeenCalledTimes(1);
  const [result, message, replyTo] = final.mock.calls[0] ?? [];
  expect(JSON.parse(message as string)).toEqual(result);
  expect(replyTo).toBe('results:me');
});

test('a job is not finished before its result is announced', async () => {
  const announced = Promise.withResolvers<undefined>();
  const { end, final } = run();
  final.mockReturnValue(announced.promise);
  const finished = vi.fn();
  void end.then(finished);
  await vi.waitFor(() => expect(final).toHaveBeenCalled());
  await new Promise((resolve) => setImmediate(resolve));
  expect(finished).not.toHaveBeenCalled();
  announced.resolve(undefined);
  await end;
});

test('leaves a long result out of the job', async () => {
  const { end } = run({ decide: () => completed({ loud: 'A'.repeat(5000) }) });
  expect(await end).toEqual({ status: 'completed', kept: { stored: expect.any(String) } });
});

test('announces the error of a task that failed, and says in the job what it was', async () => {
  const { end, final } = run({ decide: () => failed() });
  expect(await end).toEqual({ status: 'failed', reason: 'timeout: too late' });
  expect(final).toHaveBeenCalledTimes(1);
});

test.each([
  ['completed', completed({ loud: 'EARLIER' }, true)],
  ['failed', failed(true)],
])('does not announce again what an earlier run has: %s', async (status, decision) => {
  const { end, final } = run({ stalledCounter: 1, decide: () => decision });
  expect(await end).toMatchObject({ status });
  expect(final).not.toHaveBeenCalled();
});

test('keeps how a failed attempt came, for the one after it, and tells of both', async () => {
  const line = { attempt: 1, timestamp: '1970-01-01T00:00:00.050Z', level: 'info', message: 'asks' } as const;
  const notes = { attempt: 1, startedAt: 0, endedAt: 100, error: 'no connection', log: [line] };
  const first = run({ decide: () => ({ status: 'retry', error: 'no connection', delayMs: 60_000, notes }) });
  await first.end;
  const earlier = { attempts: [expect.objectContaining({ attempt: 1, error: 'no connection' })], log: [line] };
  expect(first.store.keepRun).toHaveBeenCalledWith('t', earlier, 60_000);
  expect(first.store.run).not.toHaveBeenCalled();

  const [, kept] = first.store.keepRun.mock.calls[0] as unknown as [string, TaskRun];
  const last = { attempt: 2, startedAt: 200, endedAt: 300 };
  const second = run({ attemptsMade: 1, earlier: kept, decide: () => ({ ...completed(), notes: last }) });
  await second.end;
  const [, , , { told }] = second.final.mock.calls[0] as unknown as [object, string, string, { told: { run: string } }];
  expect(JSON.parse(told.run)).toMatchObject({ attempts: [{ attempt: 1 }, { attempt: 2 }], log: [line] });
});

test('keeps what a task logged before it was handed over; if it logged nothing, nothing', async () => {
  const line = { attempt: 1, timestamp: '1970-01-01T00:00:00.050Z', level: 'info', message: 'asks' } as const;
  const notes = { attempt: 1, startedAt: 0, endedAt: 100, log: [line] };
  const logged = run({ decide: () => ({ status: 'returned', notes }) });
  expect(await logged.end).toEqual({ status: 'returned' });
  expect(logged.store.keepRun).toHaveBeenCalledWith('t', expect.objectContaining({ log: [line] }), 0);
  const silent = run({ decide: () => ({ status: 'returned' }) });
  await silent.end;
  expect(silent.store.keepRun).not.toHaveBeenCalled();
});

test('tells when a failed attempt is made again', async () => {
  const before = Date.now();
  const decide = () => ({ status: 'retry', error: 'no connection', delayMs: 60_000 }) as const;
  const { end, told, final } = run({ decide, attemptsMade: 1 });
  expect(await end).toEqual({ status: 'retry', reason: 'no connection', delayMs: 60_000 });
  expect(told).toMatchObject([{ task_id: 't', event: 'retrying', attempt: 2, error: 'no connection' }]);
  const [{ next_attempt_at }] = told as [{ next_attempt_at: string }];
  expect(Date.parse(next_attempt_at) - before).toBeGreaterThanOrEqual(60_000);
  expect(final).not.toHaveBeenCalled();
});

test('what is returned goes back, and nothing is said', async () => {
  const { end, told, final } = run({ decide: () => ({ status: 'returned' }) });
  expect(await end).toEqual({ status: 'returned' });
  expect([told, final.mock.calls]).toEqual([[], []]);
});

test('goes back to the queue when Redis does not answer, rather than end without a result', async () => {
  const { end } = run({ decide: () => Promise.reject(new Error('Connection is closed.')) });
  expect(await end).toEqual({ status: 'returned' });
});

test('the first run of a task asks nobody what happened to it before', async () => {
  const { end, store, runs } = run();
  await end;
  expect(store.result).not.toHaveBeenCalled();
  expect(store.isCancelled).not.toHaveBeenCalled();
  expect(runs).toMatchObject([
    { failedAttempts: 0, timesStarted: 0, timesLost: 0, stored: undefined, isCancelled: false },
  ]);
});

test.each<[string, Situation, Partial<Run>]>([
  ['whose task was cancelled just before', { heard: true }, { timesStarted: 0 }],
  ['after a failed attempt', { attemptsMade: 2 }, { failedAttempts: 2, timesStarted: 2 }],
  ['after its worker was lost', { stalledCounter: 1 }, { timesLost: 1, timesStarted: 1 }],
  ['that a worker gave back', { returned: 1 }, { timesStarted: 1, failedAttempts: 0 }],
])('a run %s knows what happened to its task before', async (_, situation, known) => {
  const { end, store, runs } = run({ ...situation, stored: '{"status":"completed"}', cancelled: true });
  await end;
  expect(runs).toMatchObject([{ ...known, stored: '{"status":"completed"}', isCancelled: true }]);
  expect(store.isCancelled).toHaveBeenCalledWith('t', 't-t.1');
});

test('a job that comes again while it runs here is not run twice, and both end as the one does', async () => {
  const decided = Promise.withResolvers<Decision>();
  const { end, again, final, runs } = run({ decide: () => decided.promise });
  const second = again();
  decided.resolve(completed());
  expect(await end).toEqual({ status: 'completed', kept: { loud: 'HELLO' } });
  expect(await second).toEqual(await end);
  expect([runs.length, final.mock.calls.length]).toEqual([1, 1]);
});

test('runs a job of format 1', async () => {
  const { end, runs } = run({ data: { task_id: 't', parameters: { text: 'hello' }, user_id: 7 } });
  expect(await end).toMatchObject({ status: 'completed' });
  expect(runs).toMatchObject([{ task: { task_id: 't', task_type: 'shout', user_id: 7, acceptedAt: 1000 } }]);
});

test('a job that somebody else put there fails with a sentence', async () => {
  const { end, runs } = run({ data: { anything: true } });
  expect(await end).toEqual({ status: 'failed', reason: 'The job carries no task of taskwire' });
  expect(runs).toEqual([]);
});

test('a shared job goes back to the queue, too, when Redis does not answer', async () => {
  const { end } = run({ id: 'b-0123456789ab.1', look: () => Promise.reject(new Error('LOADING Redis is loading')) });
  expect(await end).toEqual({ status: 'returned' });
});
