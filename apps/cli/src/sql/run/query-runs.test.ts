import { setImmediate as turn } from 'node:timers/promises';
import { NoProcessorError, type TaskwireClient, type Watched } from '@taskwire/client';
import type { TaskResult } from '@taskwire/protocol';
import { expect, test, vi } from 'vitest';
import { openRuns } from './query-run.ts';
import { QueryRuns } from './query-runs.ts';

/** A client whose processor accepts everything, and whose tasks end when the test says so. */
function setUp({ count = 1, concurrency = 4, deliver = async () => ({ status: 'accepted' as const }) } = {}) {
  const waiting = new Map<string, (result: TaskResult) => void>();
  let say: (event: string, taskId: string) => void = () => undefined;
  const client = {
    deliver: vi.fn(deliver),
    wait: (taskId: string) => new Promise<TaskResult>((resolve) => waiting.set(taskId, resolve)),
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
  const queryRuns = new QueryRuns({ client: client as unknown as TaskwireClient, queries, options, onEnded });
  return {
    queryRuns,
    client,
    onEnded,
    end: (taskId: string) => waiting.get(taskId)?.({ status: 'completed' } as TaskResult),
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

test('sends statements without the white space around them, and no field that nobody asked for', async () => {
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

test('what nobody has received is not under way', async () => {
  const deliver = () => Promise.reject(new NoProcessorError('tasks'));
  const { queryRuns } = setUp({ count: 3, concurrency: 2, deliver });
  await expect(queryRuns.run()).rejects.toThrow(NoProcessorError);
  expect(openRuns(queryRuns.runs)).toEqual([]);
});
