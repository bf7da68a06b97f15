import { randomUUID } from 'node:crypto';
import { createLogger } from '@taskwire/service';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test } from 'vitest';
import { findWaiting, openQueues, type TaskQueue, type WaitingPlace, type WaitingState } from '../src/index.ts';

const ALL: WaitingState[] = ['delayed', 'waiting', 'running'];

async function setUp() {
  const connection = new Redis(inject('redisUrl'), { maxRetriesPerRequest: null });
  onTestFinished(() => connection.disconnect());
  const logger = createLogger({ service: 'test', level: 'silent' });
  const queues = await openQueues({ names: ['default'], keyPrefix: `{test-${randomUUID()}}`, connection, logger });
  const queue = queues.get('default') as TaskQueue;
  const add = (ids: string[], opts = {}) =>
    queue.addBulk(
      ids.map((id) => ({
        name: 'add',
        data: { tasks: [{ task_id: id, parameters: {} }] },
        opts: { ...opts, jobId: id },
      })),
    );
  const page = async (most: number, after?: WaitingPlace, fits: (id: string) => boolean = () => true) => {
    const found = await findWaiting({
      queues,
      states: ALL,
      fits: ({ task }) => fits(task.task_id),
      most,
      after,
    });
    return { ids: found.tasks.map(({ task }) => task.task_id), next: found.next };
  };
  return { queue, connection, add, page };
}

const named = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}-${index}`);

test('pages leave out no task that is still there, whatever is added, cancelled or taken between them', async () => {
  const { queue, connection, add, page } = await setUp();
  const shared = named('shared', 30);
  const tasks = shared.map((task_id) => ({ task_id, task_type: 'add', parameters: {} }));
  await queue.add('30 tasks', { tasks }, { jobId: 'b-1.1' });
  await add(named('wait', 200));
  await add(named('high', 60), { priority: 3 });
  await add(named('later', 120), { delay: 3_600_000 });
  const there = new Set([...shared, ...named('wait', 200), ...named('high', 60), ...named('later', 120)]);
  const seen = new Set<string>();
  let pages = 0;
  for (let after: WaitingPlace | undefined; pages === 0 || after; pages += 1) {
    const { ids, next }: Awaited<ReturnType<typeof page>> = await page(20, after);
    for (const id of ids) seen.add(id);
    // Of those that were seen, half are cancelled; a worker takes one; others come.
    for (const id of ids.filter((id, index) => index % 2 === 1 && !id.startsWith('shared'))) {
      await queue.remove(id);
      there.delete(id);
    }
    if (pages % 2 === 0) await connection.lmove(queue.toKey('wait'), queue.toKey('active'), 'RIGHT', 'LEFT');
    await add(named(`new-${pages}`, 3), pages < 5 ? { delay: 3_600_000 } : {});
    after = next;
  }
  expect([...there].filter((id) => !seen.has(id))).toEqual([]);
  expect(pages).toBeLessThan(50);
});

test('goes on behind more tasks than it looks at in one step', async () => {
  const { add, page } = await setUp();
  await add(['mine'], { delay: 3_600_000 });
  await add(named('other', 2700), { delay: 7_200_000 });
  const first = await page(10, undefined, (id) => id === 'mine');
  expect(first).toEqual({ ids: [], next: expect.objectContaining({ set: 'delayed' }) });
  let last = first;
  while (last.next) last = await page(10, last.next, (id) => id === 'mine');
  expect(last.ids).toEqual(['mine']);
});
