import { expect, test } from 'vitest';
import { createActOnTasks } from './act-on-tasks.ts';
import type { FindTasks } from './find-tasks.ts';
import type { SearchFilter } from './search-filter.ts';
import type { TaskControl } from './task-control.ts';
import type { TaskSummary } from './task-document.ts';

/** So many tasks; a cursor is a number. */
function setUp(count: number, outcomeOf: (id: string) => string = () => 'again') {
  const filters: SearchFilter[] = [];
  const find: FindTasks = async (filter, { limit, cursor = '0' }) => {
    filters.push(filter);
    const start = Number(cursor);
    const ids = Array.from({ length: Math.max(0, Math.min(limit, count - start)) }, (_, index) => `t${start + index}`);
    const end = start + ids.length;
    const tasks = ids.map((task_id) => ({ task_id }) as TaskSummary);
    return { tasks, cursor: end < count ? String(end) : null, looked_back_to: null };
  };
  const acted: string[] = [];
  const act = async (id: string) => {
    acted.push(id);
    const status = outcomeOf(id);
    return { status, taskId: status === 'new' ? `new-${id}` : id };
  };
  const control = { retry: act, cancel: act } as unknown as TaskControl;
  return { run: createActOnTasks(find, control), acted, filters };
}

const filter: SearchFilter = { states: ['running', 'waiting', 'delayed'], ended: true };

test('acts on a thousand at a time, says how many are left, and goes on from there', async () => {
  const { run, acted } = setUp(1500);
  const counted = await run({ action: 'retry', filter, dryRun: true, by: 'ada' });
  expect(counted).toEqual({ matched: 1000, done: 0, not_done: {}, new_ids: [], left: 500, cursor: '1000' });
  expect(acted).toEqual([]);
  const first = await run({ action: 'retry', filter, dryRun: false, by: 'ada' });
  expect(first).toEqual({ matched: 1000, done: 1000, not_done: {}, new_ids: [], left: 500, cursor: '1000' });
  const second = await run({ action: 'retry', filter, dryRun: false, by: 'ada', cursor: '1000' });
  expect(second).toEqual({ matched: 500, done: 500, not_done: {}, new_ids: [], left: 0, cursor: null });
  expect(new Set(acted).size).toBe(1500);
});

test('retries what has ended in an error, unless told otherwise; cancels what has not ended', async () => {
  const { run, filters } = setUp(1, (id) => (id ? 'asked' : ''));
  await run({ action: 'retry', filter, dryRun: false, by: 'ada' });
  await run({ action: 'retry', filter: { ...filter, status: 'completed' }, dryRun: false, by: 'ada' });
  await run({ action: 'cancel', filter, dryRun: false, by: 'ada' });
  expect(filters).toMatchObject([
    { states: [], ended: true, status: 'error' },
    { states: [], ended: true, status: 'completed' },
    { states: ['delayed', 'waiting', 'running'], ended: false },
  ]);
});

test('counts why tasks were left as they are', async () => {
  const { run } = setUp(3, (id) => (id === 't1' ? 'again' : 'not_ended'));
  const acted = await run({ action: 'retry', filter, dryRun: false, by: 'ada' });
  expect(acted).toMatchObject({ done: 1, not_done: { 'It has not ended.': 2 } });
});

test('names the new ids of tasks whose job was gone', async () => {
  const { run } = setUp(2, (id) => (id === 't1' ? 'new' : 'again'));
  const acted = await run({ action: 'retry', filter, dryRun: false, by: 'ada' });
  expect(acted).toMatchObject({ done: 2, new_ids: [{ task_id: 't1', as: 'new-t1' }] });
});

test('goes on behind pages that have found nothing yet', async () => {
  const find: FindTasks = async (_filter, { cursor = '0' }) => {
    const tasks = cursor === '3' ? [{ task_id: 't1' } as TaskSummary] : [];
    return { tasks, cursor: cursor === '3' ? null : String(Number(cursor) + 1), looked_back_to: null };
  };
  const control = { retry: async () => ({ status: 'again' }) } as unknown as TaskControl;
  const acted = await createActOnTasks(find, control)({ action: 'retry', filter, dryRun: false, by: 'ada' });
  expect(acted).toMatchObject({ matched: 1, done: 1, cursor: null });
});
