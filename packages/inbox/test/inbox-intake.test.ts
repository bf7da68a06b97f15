import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { idOf, reverse, settleAll, settleDurably, startIntake } from './inbox-intake-fixture.ts';

test('takes what was there before the start, and what comes after it', async () => {
  const inbox = await startIntake({
    before: ({ requests }) =>
      writeFileSync(join(requests, 'early.json'), JSON.stringify(reverse({ task_id: 'early' }))),
  });
  inbox.drop('late.json', reverse({ task_id: 'late' }));
  await expect.poll(inbox.accepted).toEqual(['early.json', 'late.json']);
  expect(inbox.left()).toEqual([]);
});

test('moves a file only when its task is durable, and awaits its result before it hands it over', async () => {
  const inbox = await startIntake({ settle: () => undefined });
  inbox.drop('a.json', reverse({ task_id: 'a' }));
  await expect.poll(() => inbox.said).toEqual(['expect a', 'push a']);
  expect(inbox.left()).toEqual(['a.json']);
  expect(inbox.accepted()).toEqual([]);
  settleDurably(inbox.pushed[0]);
  await expect.poll(() => inbox.said).toEqual(['expect a', 'push a', 'accepted a']);
  expect(inbox.left()).toEqual([]);
  expect(JSON.parse(readFileSync(join(inbox.folder.accepted, 'a.json'), 'utf8'))).toEqual(reverse({ task_id: 'a' }));
});

test('has a task answered on the channel that the outbox hears, unless its request names one', async () => {
  const inbox = await startIntake();
  inbox.drop('a.json', reverse({ task_id: 'a' }));
  inbox.drop('b.json', { query_id: 'b', query: 'select 1', metadata: { user: 7 } });
  inbox.drop('c.json', reverse({ task_id: 'c', reply_to: 'results:mine' }));
  await expect.poll(() => inbox.accepted()).toHaveLength(3);
  expect(inbox.expected.sort((one, other) => (one.taskId < other.taskId ? -1 : 1))).toEqual([
    { taskId: 'a', taskType: 'reverse_string', form: 'request', replyTo: 'results:inbox' },
    { taskId: 'b', taskType: 'sql_query', form: 'query', replyTo: 'results:inbox' },
    { taskId: 'c', taskType: 'reverse_string', form: 'request', replyTo: 'results:mine' },
  ]);
  const replies = inbox.pushed.map(({ validated }) => validated.status === 'valid' && validated.task.request.reply_to);
  expect(replies.sort()).toEqual(['results:inbox', 'results:inbox', 'results:mine']);
});

test('takes a file by whatever name, and leaves those alone that are no requests', async () => {
  const longest = `${'界'.repeat(83)}x.json`;
  expect(Buffer.byteLength(longest)).toBe(255);
  const names = [
    'with space.json',
    '🚀.json',
    'two\nlines.json',
    "'; drop table.json",
    '-rf.json',
    '%s%n.json',
    longest,
  ];
  const others = ['.hidden.json', 'a.json.tmp', 'readme.txt', 'json'];
  const inbox = await startIntake();
  for (const name of others) inbox.drop(name, reverse());
  const latin1 = Buffer.concat([Buffer.from(`${inbox.folder.requests}/`), Buffer.from('caf\xe9.json', 'latin1')]);
  writeFileSync(latin1, JSON.stringify(reverse()));
  for (const name of names) inbox.drop(name, reverse());
  await expect.poll(() => inbox.accepted()).toHaveLength(names.length + 1);
  expect(inbox.left().sort()).toEqual(others.sort());
  for (const name of inbox.accepted()) expect(name).toMatch(/^[A-Za-z0-9._~-]+-[0-9a-f]{12}\.json$/);
  expect(inbox.logged).toEqual([]);
});

test('takes 2,000 files that come at once, most of them while they are being written', async () => {
  const inbox = await startIntake();
  const ids = Array.from({ length: 2000 }, (_, index) => `t${index}`);
  await Promise.all(
    ids.map((id) => writeFile(inbox.request(`${id}.json`), JSON.stringify({ query_id: id, query: 'select 1' }))),
  );
  await expect.poll(() => inbox.accepted().length).toBe(2000);
  expect(inbox.left()).toEqual([]);
  expect(inbox.pushed.map(idOf).sort()).toEqual(ids.sort());
  expect(inbox.rejected()).toEqual([]);
});

test('takes a file that is linked into place, and not the temporary one', async () => {
  const inbox = await startIntake();
  const temporary = join(inbox.folder.requests, 'a.tmp');
  writeFileSync(temporary, JSON.stringify(reverse({ task_id: 'a' })));
  linkSync(temporary, inbox.request('a.json'));
  unlinkSync(temporary);
  await expect.poll(inbox.accepted).toEqual(['a.json']);
  expect(inbox.pushed).toHaveLength(1);
});

test('takes two names of one file once each, and leaves none behind', async () => {
  const inbox = await startIntake({
    scanIntervalMs: 10,
    before: ({ requests }) => {
      writeFileSync(join(requests, 'a.json'), JSON.stringify(reverse({ task_id: 'same' })));
      linkSync(join(requests, 'a.json'), join(requests, 'b.json'));
    },
  });
  await expect.poll(() => [inbox.left(), inbox.accepted()]).toEqual([[], ['same.json']]);
  expect(inbox.pushed).toHaveLength(2);
});

test('a file that names no task gets one id however often it is read, and another when it is dropped again', async () => {
  const killed = await startIntake({
    settle: () => undefined,
    before: ({ requests }) => {
      for (const name of ['weekly report.json', 'report-2.json'])
        writeFileSync(join(requests, name), '{"query": "select 1"}');
    },
  });
  await expect.poll(() => killed.pushed).toHaveLength(2);
  await killed.intake[Symbol.asyncDispose]();
  const ids = killed.pushed.map(idOf).sort();
  expect(ids).toEqual([
    expect.stringMatching(/^inbox-[0-9a-f]{12}$/),
    expect.stringMatching(/^report-2-[0-9a-f]{12}$/),
  ]);

  const restarted = await killed.another({ settle: settleAll });
  await expect.poll(restarted.accepted).toHaveLength(2);
  expect(restarted.pushed.map(idOf).sort()).toEqual(ids);
  restarted.drop('report-2.json', '{"query": "select 1"}');
  await expect.poll(restarted.accepted).toHaveLength(3);
});

test('takes each of two files that ask for the same task', async () => {
  const inbox = await startIntake();
  for (const name of ['one.json', 'two.json']) inbox.drop(name, reverse({ task_id: 'same' }));
  await expect.poll(() => inbox.said.filter((what) => what === 'accepted same')).toHaveLength(2);
  inbox.drop('three.json', reverse({ task_id: 'same' }));
  await expect.poll(() => inbox.said.filter((what) => what === 'accepted same')).toHaveLength(3);
  expect(inbox.left()).toEqual([]);
  expect(inbox.accepted()).toEqual(['same.json']);
  expect(inbox.said).not.toContain('forget same');
});

test('finds files again in a folder that was removed and made again', async () => {
  const inbox = await startIntake({ scanIntervalMs: 20 });
  rmSync(inbox.folder.requests, { recursive: true });
  await expect.poll(() => inbox.logged).toHaveLength(1);
  mkdirSync(inbox.folder.requests);
  await expect.poll(() => inbox.logged).toHaveLength(2);
  expect(inbox.logged).toEqual([
    'error: the requests of the inbox cannot be listed; trying again',
    'info: the requests of the inbox can be listed again',
  ]);
  inbox.drop('b.json', reverse({ task_id: 'b' }));
  await expect.poll(inbox.accepted).toEqual(['b.json']);
});

test.each([
  ['removed', (path: string) => rmSync(path, { recursive: true })],
  ['moved away', (path: string) => renameSync(path, `${path}-old`)],
])('hears of files in the folder that stands where another one was %s', async (_what, clear) => {
  const inbox = await startIntake();
  clear(inbox.folder.requests);
  mkdirSync(inbox.folder.requests);
  for (const id of ['a', 'b', 'c']) {
    inbox.drop(`${id}.json`, reverse({ task_id: id }));
    await expect.poll(inbox.accepted).toContain(`${id}.json`);
  }
});

test('a file that is gone before it is read, or before it is moved, is no fault', async () => {
  const inbox = await startIntake({ settle: () => undefined });
  inbox.drop('a.json', reverse({ task_id: 'a' }));
  await expect.poll(() => inbox.pushed).toHaveLength(1);
  rmSync(inbox.request('a.json'));
  for (let index = 0; index < 50; index += 1) {
    inbox.drop('gone.json', reverse());
    rmSync(inbox.request('gone.json'));
  }
  settleDurably(inbox.pushed[0]);
  // Its result file must be written even if the processor is killed now: so what was read takes its place.
  await expect.poll(() => inbox.said).toContain('accepted a');
  expect(inbox.accepted()).toEqual(['a.json']);
  expect(inbox.logged).toEqual([]);
});
