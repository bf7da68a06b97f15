import { setImmediate as turn } from 'node:timers/promises';
import {
  NoProcessorError,
  NoReceiptError,
  type Receipt,
  type TaskState,
  type TaskwireClient,
  type Watched,
} from '@taskwire/client';
import type { TaskResult } from '@taskwire/protocol';
import { expect, test, vi } from 'vitest';
import { openRuns } from './query-run.ts';
import { QueryRuns } from './query-runs.ts';

const REDIS_IS_AWAY = Object.assign(new Error('Redis does not answer\nThree ways'), { code: 'redis_unavailable' });

/** A client whose processor accepts everything and whose tasks end on the test's command. */
function setUp({
  count = 1,
  concurrency = 4,
  deliver = async (): Promise<Receipt> => ({ status: 'accepted' }),
  patienceMs = 1000,
} = {}) {
  const waiting = new Map<string, PromiseWithResolvers<TaskResult>>();
  const state = vi.fn(async (): Promise<TaskState> => ({ status: 'pending' }));
  let say: (event: string, taskId: string) => void = () => undefined;
  const client = {
    deliver: vi.fn(deliver),
    result: state,
    wait: (taskId: string, { signal }: { signal: AbortSignal }) => {
      const ending = Promise.withResolvers<TaskResult>();
      signal.addEventListener('abort', () => ending.reject(signal.reason));
      waiting.set(taskId, ending);
      return ending.promise;
    },
    cancel: async () => ({ status: 'requested' as const }),
    async *watch({ signal }: { signal: AbortSignal }): AsyncGenerator<Watched> {
      while (!signal.aborted) {
        const next = Promise.withResolvers<Watched | undefined>();
        signal.addEventListener('abort', () => next.resolve(undefined));
        say = (event, task_id) => next.resolve({ kind: 'event', event: { event, task_id } as never });
        const watched = await next.promise;
        if (watched) yield watched;
      }
    },
  };
  const queries = Array.from({ length: count }, (_, at) => ({ name: `q${at}`, text: ` select ${at}\n` }));
  const options = { connection: undefined, concurrency, timeoutMs: undefined, format: undefined };
  const onEnded = vi.fn(async () => undefined);
  const queryRuns = new QueryRuns({
    client: client as unknown as TaskwireClient,
    queries,
    options,
    onEnded,
    patienceMs,
    retryIntervalMs: 1,
  });
  return {
    queryRuns,
    client,
    onEnded,
    state,
    end: (taskId: string) => waiting.get(taskId)?.resolve({ status: 'completed' } as TaskResult),
    cut: (taskId: string) => waiting.get(taskId)?.reject(REDIS_IS_AWAY),
    say: async (event: string, taskId: string) => {
      say(event, taskId);
      await turn();
    },
    states: () => queryRuns.runs.map(({ state }) => state.status),
  };
}

test('knows how far a query is, also when its start is heard before its acceptance', async () => {
  const { queryRuns, say, end, states } = setUp();
  const [{ taskId } = { taskId: '' }] = queryRuns.runs;
  expect(states()).toEqual(['waiting']);
  const running = queryRuns.run();
  await turn();
  expect(states()).toEqual(['submitted']);
  await say('started', taskId);
  await say('accepted', taskId);
  expect(states()).toEqual(['running']);
  await say('retrying', taskId);
  expect(states()).toEqual(['queued']);
  end(taskId);
  await running;
  expect(states()).toEqual(['ended']);
});

test('sends statements without the white space around them, and only fields that were asked for', async () => {
  const { queryRuns, client, end } = setUp();
  const running = queryRuns.run();
  await turn();
  const [{ taskId } = { taskId: '' }] = queryRuns.runs;
  expect(client.deliver.mock.calls).toEqual([
    [
      { task_id: taskId, task_type: 'sql_query', metadata: { name: 'q0' }, parameters: { query: 'select 0' } },
      { timeoutMs: expect.any(Number) },
    ],
  ]);
  end(taskId);
  await running;
});

test('submits no more than it may, and nothing more once all are cancelled', async () => {
  const { queryRuns, end, states, onEnded } = setUp({ count: 4, concurrency: 2 });
  const running = queryRuns.run();
  await turn();
  expect(states()).toEqual(['submitted', 'submitted', 'waiting', 'waiting']);
  const [first, second, third] = queryRuns.runs.map(({ taskId }) => taskId) as [string, string, string];
  end(first);
  await turn();
  expect(states()).toEqual(['ended', 'submitted', 'submitted', 'waiting']);
  expect(onEnded).toHaveBeenCalledTimes(1);
  expect(await queryRuns.cancel()).toEqual(openRuns(queryRuns.runs));
  end(second);
  end(third);
  await running;
  expect(states()).toEqual(['ended', 'ended', 'ended', 'waiting']);
});

test('a query that nobody received counts as waiting', async () => {
  const deliver = () => Promise.reject(new NoProcessorError('tasks'));
  const { queryRuns } = setUp({ count: 3, concurrency: 2, deliver });
  await expect(queryRuns.run()).rejects.toMatchObject({ code: 'no_processor' });
  expect(openRuns(queryRuns.runs)).toEqual([]);
});

test('one lost answer ends nothing: accepted queries are awaited again, others are sent again', async () => {
  const answers = [
    async () => ({ status: 'accepted' as const }),
    () => Promise.reject(new NoReceiptError('q1', 15_000)),
    () => Promise.reject(REDIS_IS_AWAY),
    () => Promise.reject(new NoProcessorError('tasks')),
  ];
  const { queryRuns, client, end, cut, states, state } = setUp({
    count: 2,
    concurrency: 1,
    deliver: () => (answers.shift() ?? (async () => ({ status: 'accepted' as const })))(),
  });
  const running = queryRuns.run();
  await turn();
  const [first, second] = queryRuns.runs.map(({ taskId }) => taskId) as [string, string];
  state.mockRejectedValueOnce(REDIS_IS_AWAY);
  cut(first);
  await expect.poll(() => state.mock.calls.length).toBe(2);
  expect(states()).toEqual(['submitted', 'waiting']);
  end(first);
  await expect.poll(() => client.deliver.mock.calls.length).toBe(5);
  const sent = client.deliver.mock.calls as unknown as [{ task_id: string }][];
  expect(sent.map(([{ task_id }]) => task_id)).toEqual([first, second, second, second, second]);
  end(second);
  await running;
  expect(states()).toEqual(['ended', 'ended']);
});

test('too long a silence ends the run, but only after the others have ended', async () => {
  const answers = ['accepted', 'accepted', 'none'];
  const deliver = async () => {
    if (answers.shift() === 'accepted') return { status: 'accepted' as const };
    throw REDIS_IS_AWAY;
  };
  const { queryRuns, client, end, states } = setUp({ count: 4, concurrency: 2, deliver, patienceMs: 0 });
  const settled = vi.fn();
  const running = queryRuns.run().finally(settled);
  running.catch(() => undefined);
  await turn();
  const [first, second] = queryRuns.runs.map(({ taskId }) => taskId) as [string, string];
  end(first);
  await expect.poll(() => client.deliver.mock.calls.length).toBe(3);
  await turn();
  expect(settled).not.toHaveBeenCalled();
  end(second);
  await expect(running).rejects.toMatchObject({
    code: 'redis_unavailable',
    message: expect.stringMatching(/^No answer for \d+ s, so taskwire gave up: Redis does not answer$/),
  });
  expect(states()).toEqual(['ended', 'ended', 'submitted', 'waiting']);
});

test('a task that Redis has forgotten is lost, and the next one gets its turn', async () => {
  const { queryRuns, end, cut, states, state, onEnded } = setUp({ count: 2, concurrency: 1 });
  const running = queryRuns.run();
  await turn();
  const [first, second] = queryRuns.runs.map(({ taskId }) => taskId) as [string, string];
  state.mockResolvedValueOnce({ status: 'unknown' });
  cut(first);
  await expect.poll(states).toEqual(['lost', 'submitted']);
  end(second);
  await running;
  expect(onEnded).toHaveBeenCalledTimes(2);
});
