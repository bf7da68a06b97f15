import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settled } from '@taskwire/admission';
import { expect, test } from 'vitest';
import { type IntakeFixture, idOf, reverse, settleAll, settleDurably, startIntake } from './inbox-intake-fixture.ts';

const CANNOT_MOVE = 'error: a file of the inbox is taken, but cannot be moved; trying again';
const CAN_MOVE = 'info: the files of the inbox can be moved again';

/** Replaces a folder with a file, so that nothing can be moved into it, not even by root. */
function block(path: string): { open: () => void } {
  renameSync(path, `${path}-away`);
  writeFileSync(path, '');
  return {
    open: () => {
      rmSync(path);
      renameSync(`${path}-away`, path);
    },
  };
}

/** Resolves after another scan of the whole folder: what comes later was not there before. */
async function oneMoreScan(inbox: IntakeFixture, id: string) {
  inbox.drop(`${id}.txt.json`, reverse({ task_id: id }));
  await expect.poll(() => inbox.pushed.map(idOf)).toContain(id);
}

test('a task whose file cannot be moved is not submitted again, and its file moves when it can', async () => {
  const inbox = await startIntake({ scanIntervalMs: 10 });
  const blocked = block(inbox.folder.accepted);
  for (let index = 0; index < 200; index += 1) inbox.drop(`${index}.json`, reverse({ task_id: `t${index}` }));
  await expect.poll(() => inbox.pushed).toHaveLength(200);
  await oneMoreScan(inbox, 'later');
  await expect.poll(() => inbox.logged).toEqual([CANNOT_MOVE]);
  expect(inbox.left()).toHaveLength(201);
  expect(inbox.said.filter((what) => what.startsWith('accepted'))).toEqual([]);
  blocked.open();
  await expect.poll(inbox.left).toEqual([]);
  await expect.poll(() => inbox.logged).toEqual([CANNOT_MOVE, CAN_MOVE]);
  expect(inbox.accepted()).toHaveLength(201);
  expect(inbox.pushed).toHaveLength(201);
  expect(inbox.said.filter((what) => what.startsWith('accepted'))).toHaveLength(201);
});

test('one file that can never be moved does not hold up the others', async () => {
  const inbox = await startIntake({ scanIntervalMs: 10 });
  mkdirSync(join(inbox.folder.accepted, 'a.json', 'in the way'), { recursive: true });
  inbox.drop('a.json', reverse({ task_id: 'a' }));
  await expect.poll(() => inbox.logged).toEqual([CANNOT_MOVE]);
  inbox.drop('b.json', reverse({ task_id: 'b' }));
  await expect.poll(inbox.left).toEqual(['a.json']);
  // Its user removes it.
  rmSync(inbox.request('a.json'));
  await expect.poll(() => inbox.logged).toEqual([CANNOT_MOVE, CAN_MOVE]);
  expect(inbox.pushed.map(idOf)).toEqual(['a', 'b']);
});

test('another request in the place of one that cannot be moved is taken', async () => {
  const inbox = await startIntake({ scanIntervalMs: 10 });
  const blocked = block(inbox.folder.accepted);
  inbox.drop('a.json', reverse({ task_id: 'old' }));
  await expect.poll(() => inbox.logged).toEqual([CANNOT_MOVE]);
  inbox.drop('a.json', reverse({ task_id: 'new' }));
  await expect.poll(() => inbox.pushed.map(idOf)).toEqual(['old', 'new']);
  blocked.open();
  await expect.poll(inbox.accepted).toEqual(['new.json']);
});

test('a refusal that cannot be written is published once, and written when it can', async () => {
  const inbox = await startIntake({ scanIntervalMs: 10 });
  const blocked = block(inbox.folder.rejected);
  inbox.drop('a.json', '[1]');
  symlinkSync('/etc/passwd', inbox.request('link.json'));
  await expect.poll(() => inbox.pushed).toHaveLength(2);
  await oneMoreScan(inbox, 'good');
  blocked.open();
  await expect.poll(inbox.rejected).toEqual(['a.error.json', 'a.json', 'link.error.json', 'link.json']);
  await expect.poll(() => inbox.logged).toEqual([CANNOT_MOVE, CAN_MOVE]);
  expect(inbox.pushed).toHaveLength(3);
});

test('a request that takes the place of one under way is taken too', async () => {
  const inbox = await startIntake({ settle: (file) => (idOf(file) === 'old' ? undefined : settleAll(file)) });
  inbox.drop('a.json', reverse({ task_id: 'old' }));
  await expect.poll(() => inbox.pushed.map(idOf)).toEqual(['old']);
  inbox.drop('a.json', reverse({ task_id: 'new' }));
  settleDurably(inbox.pushed[0]);
  await expect.poll(inbox.accepted).toEqual(['new.json', 'old.json']);
  for (const id of ['old', 'new']) {
    const content = JSON.parse(readFileSync(join(inbox.folder.accepted, `${id}.json`), 'utf8'));
    expect(content).toEqual(reverse({ task_id: id }));
  }
  expect(inbox.left()).toEqual([]);
  expect(inbox.logged).toEqual([]);
});

test('a good request that takes the place of one that is just being refused is taken', async () => {
  const inbox = await startIntake({ settle: (file) => (idOf(file) === null ? undefined : settleAll(file)) });
  inbox.drop('a.json', '[1]');
  await expect.poll(() => inbox.pushed.map(idOf)).toEqual([null]);
  inbox.drop('a.json', reverse({ task_id: 'good' }));
  const [bad] = inbox.pushed;
  bad?.settle?.(settleAll(bad) as Settled);
  await expect.poll(inbox.accepted).toEqual(['good.json']);
  expect(inbox.rejected()).toEqual(['a.error.json']);
  expect(inbox.left()).toEqual([]);
});

test('hands over again what there was no room for', async () => {
  let full = true;
  const inbox = await startIntake({ settle: (file) => (full ? { status: 'no_room' } : settleAll(file)) });
  inbox.drop('a.json', reverse({ task_id: 'a' }));
  await expect.poll(() => inbox.pushed.length).toBeGreaterThan(1);
  expect(inbox.left()).toEqual(['a.json']);
  full = false;
  await expect.poll(inbox.accepted).toEqual(['a.json']);
});

test('holds no more than 500 files, and 16 MiB, of what is not durable yet', async () => {
  const MIB = 1024 * 1024;
  const inbox = await startIntake({ settle: () => undefined, maxBytes: 8 * MIB });
  const settleNext = () => inbox.pushed.splice(0).map(settleDurably).length;
  for (let index = 0; index < 600; index += 1) inbox.drop(`${index}.json`, reverse({ task_id: `small-${index}` }));
  await expect.poll(() => inbox.pushed).toHaveLength(500);
  expect(settleNext()).toBe(500);
  await expect.poll(() => inbox.pushed).toHaveLength(100);
  expect(settleNext()).toBe(100);
  await expect.poll(inbox.accepted).toHaveLength(600);
  const text = 'x'.repeat(6 * MIB);
  for (const id of ['a', 'b', 'c']) inbox.drop(`${id}.json`, { query: text, query_id: id });
  await expect.poll(() => inbox.pushed).toHaveLength(2);
  expect(settleNext()).toBe(2);
  await expect.poll(() => inbox.pushed).toHaveLength(1);
  settleNext();
  await expect.poll(inbox.accepted).toHaveLength(603);
});

test('when it stops it hands over nothing more, and moves what has settled', async () => {
  const inbox = await startIntake({ settle: () => undefined });
  for (const id of ['a', 'b']) inbox.drop(`${id}.json`, reverse({ task_id: id }));
  await expect.poll(() => inbox.pushed).toHaveLength(2);
  inbox.intake.stop();
  inbox.drop('late.json', reverse({ task_id: 'late' }));
  settleDurably(inbox.pushed.find((file) => idOf(file) === 'a'));
  await inbox.intake[Symbol.asyncDispose]();
  expect(inbox.accepted()).toEqual(['a.json']);
  expect(inbox.left().sort()).toEqual(['b.json', 'late.json']);
  const next = await inbox.another({ settle: settleAll });
  await expect.poll(next.accepted).toEqual(['a.json', 'b.json', 'late.json']);
});

test('what is on its way when it stops is not handed over', async () => {
  const inbox = await startIntake({ onExpect: () => inbox.intake.stop() });
  inbox.drop('a.json', reverse({ task_id: 'a' }));
  await expect.poll(() => inbox.said).toEqual(['expect a']);
  await inbox.intake[Symbol.asyncDispose]();
  expect(inbox.pushed).toEqual([]);
  expect(inbox.left()).toEqual(['a.json']);
});

test('does not wait, when it stops, for an outbox that hears nothing', async () => {
  const inbox = await startIntake({ onExpect: () => new Promise(() => undefined) });
  inbox.drop('a.json', reverse({ task_id: 'a' }));
  await expect.poll(() => inbox.said).toEqual(['expect a']);
  await inbox.intake[Symbol.asyncDispose]();
  expect(inbox.said).toEqual(['expect a']);
  expect(inbox.left()).toEqual(['a.json']);
});

test('says once that tasks cannot be submitted, and submits them when it works again', async () => {
  let failures = 3;
  const inbox = await startIntake({
    scanIntervalMs: 10,
    onExpect: () => {
      failures -= 1;
      if (failures >= 0) throw new Error('the connection is closed');
    },
  });
  inbox.drop('a.json', reverse({ task_id: 'a' }));
  await expect.poll(inbox.accepted).toEqual(['a.json']);
  await expect
    .poll(() => inbox.logged)
    .toEqual([
      'error: a file of the inbox cannot be taken; trying again',
      'info: the files of the inbox can be taken again',
    ]);
  expect(inbox.said.filter((what) => what === 'forget a')).toHaveLength(3);
});

test('a folder that cannot be read for a while costs no request', async () => {
  const inbox = await startIntake({ scanIntervalMs: 10 });
  const { requests } = inbox.folder;
  const blocked = block(requests);
  await expect.poll(() => inbox.logged).toHaveLength(1);
  writeFileSync(join(`${requests}-away`, 'a.json'), JSON.stringify(reverse({ task_id: 'a' })));
  blocked.open();
  await expect.poll(inbox.accepted).toEqual(['a.json']);
  chmodSync(requests, 0o700);
  expect(inbox.logged).toEqual([
    'error: the requests of the inbox cannot be listed; trying again',
    'info: the requests of the inbox can be listed again',
  ]);
});
