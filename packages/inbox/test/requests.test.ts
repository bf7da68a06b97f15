import { linkSync, mkdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { idOf, reverse, setUpInbox } from './fixture.ts';

test('takes what was there before the start, and what comes after it', async () => {
  const inbox = setUpInbox();
  inbox.drop('early.json', reverse({ task_id: 'early' }));
  await inbox.serve();
  inbox.drop('late.json', reverse({ task_id: 'late' }));
  await expect.poll(() => inbox.submitted.map(idOf).sort()).toEqual(['early', 'late']);
  expect(inbox.left()).toEqual([]);
});

test('takes a file by whatever name, answers under it, and leaves those alone that are no requests', async () => {
  const names = [
    'with space.json',
    '🚀.json',
    'two\nlines.json',
    "'; drop table.json",
    '-rf.json',
    '%s%n.json',
    'a: b?.json',
    `${'界'.repeat(83)}x.json`,
  ];
  const others = ['.hidden.json', 'a.json.tmp', 'readme.txt', 'json'];
  const inbox = setUpInbox();
  const latin1 = Buffer.concat([Buffer.from(`${inbox.folder.requests}/`), Buffer.from('caf\xe9.json', 'latin1')]);
  writeFileSync(latin1, JSON.stringify(reverse()));
  await inbox.serve();
  for (const name of [...others, ...names]) inbox.drop(name, reverse());
  await expect.poll(() => inbox.submitted).toHaveLength(names.length + 1);
  expect(inbox.left().sort()).toEqual(others.sort());
  await Promise.all(inbox.submitted.map((file) => inbox.endHeard(file)));
  const results = [...names.slice(0, -1), 'café.json', `${'界'.repeat(66)}.json`];
  await expect.poll(inbox.results).toEqual(results.map((name) => name.replace('\n', '_')).sort());
  expect(inbox.result('café')).toMatchObject({ query_id: 'café', status: 'completed' });
  expect(inbox.logged).toEqual([]);
});

test('takes 2,000 files that come at once, most of them while they are being written', async () => {
  const inbox = setUpInbox();
  await inbox.serve();
  const names = Array.from({ length: 2000 }, (_, index) => `t${index}`);
  await Promise.all(
    names.map((name) =>
      writeFile(inbox.request(`${name}.json`), JSON.stringify({ query_id: name, query: 'select 1' })),
    ),
  );
  await expect.poll(() => inbox.submitted.length).toBe(2000);
  expect(inbox.left()).toEqual([]);
  expect(inbox.submitted.map((file) => idOf(file)?.replace(/-[\da-f]{12}$/, '')).sort()).toEqual(names.sort());
  expect(inbox.rejected()).toEqual([]);
});

test('has no more than 64 files on their way to their queues', async () => {
  const inbox = setUpInbox();
  let settles: (() => void)[] = [];
  await inbox.serve(async (file) => {
    await new Promise<void>((settle) => settles.push(settle));
    return inbox.admit(file);
  });
  for (let index = 0; index < 100; index += 1) inbox.drop(`${index}.json`, reverse({ task_id: `t${index}` }));
  await expect.poll(() => inbox.submitted).toHaveLength(64);
  expect(inbox.left()).toHaveLength(36);
  for (const settle of settles.splice(0)) settle();
  await expect.poll(() => inbox.submitted).toHaveLength(100);
  settles = settles.filter((settle) => settle());
});

test('takes a file that is linked into place, and not the temporary one', async () => {
  const inbox = setUpInbox();
  await inbox.serve();
  const temporary = join(inbox.folder.requests, 'a.tmp');
  writeFileSync(temporary, JSON.stringify(reverse({ task_id: 'a' })));
  linkSync(temporary, inbox.request('a.json'));
  unlinkSync(temporary);
  await expect.poll(() => inbox.submitted.map(idOf)).toEqual(['a']);
  expect(inbox.left()).toEqual([]);
});

test('two names of one file are two files', async () => {
  const inbox = setUpInbox({ scanIntervalMs: 10 });
  inbox.drop('a.json', { query: 'select 1' });
  linkSync(inbox.request('a.json'), inbox.request('b.json'));
  await inbox.serve();
  await expect.poll(() => [inbox.left(), inbox.submitted.length]).toEqual([[], 2]);
});

test('submits a request again, as the same task, when the processor was killed before it was durable', async () => {
  const inbox = setUpInbox();
  for (const name of ['weekly report.json', 'report-2.json']) inbox.drop(name, '{"query": "select 1"}');
  const { serving } = await inbox.serve(() => undefined);
  await expect.poll(() => inbox.submitted).toHaveLength(2);
  await serving[Symbol.asyncDispose]();
  const ids = inbox.submitted.splice(0).map(idOf).sort();
  expect(ids).toEqual([
    expect.stringMatching(/^report-2-[\da-f]{12}$/),
    expect.stringMatching(/^weekly_report-[\da-f]{12}$/),
  ]);
  await inbox.serve();
  await expect.poll(() => inbox.submitted.map(idOf).sort()).toEqual(ids);
});

test('finds files again in a folder that was removed and made again', async () => {
  const inbox = setUpInbox({ scanIntervalMs: 20 });
  await inbox.serve();
  rmSync(inbox.folder.requests, { recursive: true });
  await expect.poll(() => inbox.logged).toHaveLength(1);
  mkdirSync(inbox.folder.requests);
  await expect.poll(() => inbox.logged).toHaveLength(2);
  expect(inbox.logged).toEqual([
    'error: the requests of the inbox cannot be listed; trying again',
    'info: the requests of the inbox can be listed again',
  ]);
  inbox.drop('b.json', reverse({ task_id: 'b' }));
  await expect.poll(() => inbox.submitted.map(idOf)).toEqual(['b']);
});

test.each([
  ['removed', (path: string) => rmSync(path, { recursive: true })],
  ['moved away', (path: string) => renameSync(path, `${path}-old`)],
])('hears of files in the folder that stands where another one was %s', async (_what, clear) => {
  const inbox = setUpInbox();
  await inbox.serve();
  clear(inbox.folder.requests);
  mkdirSync(inbox.folder.requests);
  for (const id of ['a', 'b', 'c']) {
    inbox.drop(`${id}.json`, reverse({ task_id: id }));
    await expect.poll(() => inbox.submitted.map(idOf)).toContain(id);
  }
});

test('a file that is gone before it is read is no fault', async () => {
  const inbox = setUpInbox();
  await inbox.serve();
  for (let index = 0; index < 50; index += 1) {
    inbox.drop('gone.json', reverse());
    rmSync(inbox.request('gone.json'));
  }
  inbox.drop('a.json', reverse({ task_id: 'a' }));
  await expect.poll(() => inbox.submitted.map(idOf)).toContain('a');
  expect(inbox.logged).toEqual([]);
});

test('files that replace each other under one name are never answered under the name of another', async () => {
  const inbox = setUpInbox({ scanIntervalMs: 10 });
  await inbox.serve(async (file) => {
    const settled = await inbox.admit(file);
    await inbox.endHeard(file, { result: { id: String(idOf(file)) } });
    return settled;
  });
  const names = Array.from({ length: 300 }, (_, index) => `n${index}`);
  for (const query_id of names) {
    inbox.drop('request.json', { query_id, query: 'select 1' });
    await new Promise(setImmediate);
  }
  await expect.poll(() => inbox.result('n299')).toMatchObject({ query_id: 'n299' });
  await expect.poll(() => [...inbox.left(), ...inbox.accepted()]).toEqual([]);
  for (const file of inbox.results()) {
    const { query_id, task_id, result } = inbox.result(file.slice(0, -5));
    expect([`${query_id}.json`, task_id.split('-')[0], result[0].id]).toEqual([file, query_id, task_id]);
  }
  expect(inbox.logged).toEqual([]);
});
