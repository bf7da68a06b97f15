import { setImmediate as turn } from 'node:timers/promises';
import { TaskLostError, type TaskwireClient, type WaitOptions, type Watched } from '@taskwire/client';
import type { RequestInput, TaskResult } from '@taskwire/protocol';
import { expect, test, vi } from 'vitest';
import { openRuns } from './query-run.ts';
import { QueryRuns } from './query-runs.ts';

const REDIS_IS_AWAY = Object.assign(new Error('Redis does not answer\nThree ways'), { code: 'redis_unavailable' });

/** A client whose requests are sent at once, unless it is told otherwise, and whose tasks end on the test's command. */
function setUp({ count = 1, concurrency = 4, send = async (): Promise<void> => undefined } = {}) {
  const waiting = new Map<string, PromiseWithResolvers<TaskResult>>();
  let say: (event: string, taskId: string) => void = () => undefined;
  const client = {
    run: vi.fn(async ({ task_id }: RequestInput, { signal, onSent }: WaitOptions) => {
      await send();
      onSent?.();
      const ending = Promise.withResolvers<TaskResult>();
      signal?.addEventListener('abort', () => ending.reject(signal.reason));
      waiting.set(task_id as string, ending);
      return ending.promise;
    }),
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
  const options = { where: {}, concurrency, timeoutMs: undefined, format: undefined };
  const onEnded = vi.fn(async () => undefined);
  const queryRuns = new QueryRuns({
    client: client as unknown as TaskwireClient,
    queries,
    options,
    onEnded,
  });
  return {
    queryRuns,
    client,
    onEnded,
    end: (taskId: string) => waiting.get(taskId)?.resolve({ status: 'completed' } as TaskResult),
    fail: (taskId: string, error: Error) => waiting.get(taskId)?.reject(error),
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
  expect(client.run.mock.calls.map(([request]) => request)).toEqual([
    { task_id: taskId, task_type: 'sql_query', metadata: { name: 'q0' }, parameters: { query: 'select 0' } },
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

test('a query whose request Redis did not take counts as waiting', async () => {
  const { queryRuns } = setUp({ count: 3, concurrency: 2, send: () => Promise.reject(REDIS_IS_AWAY) });
  await expect(queryRuns.run()).rejects.toMatchObject({ code: 'redis_unavailable' });
  expect(openRuns(queryRuns.runs)).toEqual([]);
});

test('too long a silence ends the run, but only after the others have ended', async () => {
  const { queryRuns, end, fail, states } = setUp({ count: 4, concurrency: 2 });
  const settled = vi.fn();
  const running = queryRuns.run().finally(settled);
  running.catch(() => undefined);
  await turn();
  const [first, second] = queryRuns.runs.map(({ taskId }) => taskId) as [string, string];
  fail(first, REDIS_IS_AWAY);
  await turn();
  expect(settled).not.toHaveBeenCalled();
  end(second);
  await expect(running).rejects.toThrow(REDIS_IS_AWAY);
  expect(states()).toEqual(['submitted', 'ended', 'waiting', 'waiting']);
});

test('a task that Redis has forgotten is lost, and the next one gets its turn', async () => {
  const { queryRuns, end, fail, states, onEnded } = setUp({ count: 2, concurrency: 1 });
  const running = queryRuns.run();
  await turn();
  const [first, second] = queryRuns.runs.map(({ taskId }) => taskId) as [string, string];
  fail(first, new TaskLostError(first));
  await expect.poll(states).toEqual(['lost', 'submitted']);
  end(second);
  await running;
  expect(onEnded).toHaveBeenCalledTimes(2);
});
