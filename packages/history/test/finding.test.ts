import { existsSync, readFileSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Found } from '../src/search.ts';
import { FAILED, setUp } from './fixture.ts';

const at = (second: number) => `2026-11-02T10:00:${String(second).padStart(2, '0')}.000Z`;

async function withTasks() {
  const { start, end, ids, ...rest } = setUp();
  const history = start();
  const request = JSON.stringify({ task_type: 'add', parameters: { text: 'quarterly "report" 100%' } });
  await end('a1', { user_id: 7, timestamp: at(1) }, ['request', request]);
  await end('a2', { user_id: '7', timestamp: at(2), ...FAILED });
  await end('b1', { user_id: 8, timestamp: at(3), ...FAILED, error_code: 'timeout', task_type: 'mul' });
  await end('b2', { user_id: 8, timestamp: at(3), metadata: { city: 'Zürich' } });
  await expect.poll(() => ids(history)).toHaveLength(4);
  return { history, ids, end, ...rest };
}

const FILTERS = [
  ['nothing', {}, ['b2', 'b1', 'a2', 'a1']],
  ['an id', { id: 'a1' }, ['a1']],
  ['how ids begin, and a status', { id: 'a', status: 'error' }, ['a2']],
  ['a user as a number and as a text', { users: ['7', '"7"'] }, ['a2', 'a1']],
  ['a user and a type', { users: ['8'], types: ['mul'] }, ['b1']],
  ['a type', { types: ['add'] }, ['b2', 'a2', 'a1']],
  ['types', { types: ['add', 'mul'] }, ['b2', 'b1', 'a2', 'a1']],
  ['a user strictly, and an id', { users: ['7', '"7"'], id: 'a2', strict: true }, ['a2']],
  ['a type strictly, an id and a code', { types: ['mul'], id: 'b', code: 'timeout', strict: true }, ['b1']],
  ['no user that may be', { users: [], id: 'a', strict: true }, []],
  ['a type and a status', { types: ['add'], status: 'completed' }, ['b2', 'a1']],
  ['a status', { status: 'error' }, ['b1', 'a2']],
  ['a code', { code: 'timeout' }, ['b1']],
  ['a time', { since: Date.parse(at(2)), until: Date.parse(at(3)) }, ['a2']],
  ['words of the parameters', { text: '"report" QUARTERLY' }, ['a1']],
  ['what is a sign of LIKE', { text: '100%' }, ['a1']],
  ['that sign alone', { text: '1%0' }, []],
  ['words of the metadata', { text: 'zürich' }, ['b2']],
  ['words of the error', { text: 'broke it', users: ['8'] }, ['b1']],
] as const;

test('finds by every filter', async () => {
  const { history, ids } = await withTasks();
  for (const [by, filter, expected] of FILTERS) expect(await ids(history, filter), by).toEqual(expected);
});

test('pages go on where the one before ended, through tasks of one time', async () => {
  const { history, end, ids } = await withTasks();
  for (const [id, user_id] of [
    ['c1', 7],
    ['c2', '7'],
    ['c3', 7],
    ['c4', '7'],
  ]) {
    await end(String(id), { user_id, timestamp: at(4) });
  }
  await expect.poll(() => ids(history)).toHaveLength(8);
  for (const filter of [{}, { users: ['7', '"7"', '8'] }, { types: ['add', 'mul'] }, { id: 'a' }, { id: 'b' }]) {
    const whole = await history.find(filter, { limit: 10 });
    const seen: unknown[] = [];
    let after: Found['next'];
    do {
      const page = await history.find(filter, { limit: 1, after });
      seen.push(...page.rows);
      after = page.next;
    } while (after);
    expect(seen).toEqual(whole.rows);
    expect(seen.length).toBeGreaterThan(1);
  }
});

test('forgets a user, and what was done with the tasks of that user', async () => {
  const { history, ids, audits } = await withTasks();
  history.audit({ by: 'ada', action: 'retry', task_id: 'a1' });
  history.audit({ by: 'ada', action: 'retry', task_id: 'b1', detail: 'as b3' });
  await expect.poll(audits).toHaveLength(2);
  expect((await history.forget(['7', '"7"'])).toSorted()).toEqual(['a1', 'a2']);
  expect(await ids(history)).toEqual(['b2', 'b1']);
  expect(audits()).toEqual([{ by: 'ada', action: 'retry', task_id: 'b1', detail: 'as b3' }]);
});

test('forgets also in the file of a history that was switched off, and makes none', async () => {
  const { env, path, history } = await withTasks();
  await history[Symbol.asyncDispose]();
  const off = setUp({ ...env, TASKWIRE_HISTORY_ENABLED: 'false' }).open();
  expect(await off.forget(['7', '"7"'])).toHaveLength(2);
  await off.scrub();
  expect(readFileSync(path, 'latin1')).not.toContain('quarterly');
  rmSync(path);
  expect(await off.forget(['8'])).toEqual([]);
  await off.scrub();
  expect(existsSync(path)).toBe(false);
});

test('removes what is older than it is to be kept', async () => {
  const { start, end, ids } = setUp({ TASKWIRE_HISTORY_KEEP_DAYS: '1' });
  const before = new Date(Date.now() - 25 * 60 * 60 * 1000).toISOString();
  await end('old', { timestamp: before });
  await end('new');
  const first = start();
  await expect.poll(() => ids(first)).toContain('new');
  // One that begins to write looks at once.
  await first[Symbol.asyncDispose]();
  const second = start();
  await end('newest');
  await expect.poll(() => ids(second)).toEqual(['newest', 'new']);
});
