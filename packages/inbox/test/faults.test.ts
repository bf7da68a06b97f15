import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startPrivateRedis } from '@taskwire/testing';
import { expect, onTestFinished, test } from 'vitest';
import { idOf, reverse, setUpInbox } from './fixture.ts';

const FAILING = 'error: results of the inbox cannot be written; trying every 2 s';
const WORKING = 'info: results of the inbox are written again';

/** Puts a file in the place of a folder. */
function block(path: string): { open: () => void } {
  renameSync(path, `${path}-away`);
  writeFileSync(path, 'in the way');
  return {
    open: () => {
      rmSync(path);
      renameSync(`${path}-away`, path);
    },
  };
}

test.each(['results', 'notifications'] as const)(
  'while the folder of the %s cannot be written to nothing is lost, and it is said once',
  async (name) => {
    const inbox = setUpInbox();
    const taskIds = ['a', 'b', 'c'];
    for (const task_id of taskIds) {
      inbox.putAccepted(`${task_id}.0123456789ab.json`, reverse({ task_id }));
      await inbox.end(task_id);
    }
    const blocked = block(inbox.folder[name]);
    await inbox.serve();
    await expect.poll(() => inbox.logged).toContain(FAILING);
    blocked.open();
    await expect.poll(inbox.accepted).toEqual([]);
    expect(inbox.results()).toEqual(taskIds.map((taskId) => `${taskId}.json`));
    expect(readdirSync(inbox.folder.notifications)).toHaveLength(3);
    expect(inbox.logged).toEqual([FAILING, WORKING]);
  },
);

test('folders that somebody has removed are made again', async () => {
  const inbox = setUpInbox();
  await inbox.serve();
  for (const path of ['results', 'notifications', 'accepted'] as const) rmSync(inbox.folder[path], { recursive: true });
  inbox.drop('t.json', reverse({ task_id: 't' }));
  await expect.poll(() => inbox.submitted).toHaveLength(1);
  await inbox.endHeard(inbox.submitted[0]);
  await expect.poll(inbox.accepted).toEqual([]);
  expect([inbox.result('t').status, inbox.notification('t').status]).toEqual(['completed', 'completed']);
});

test('one result file that cannot be written holds up no other', async () => {
  const inbox = setUpInbox();
  const bad = Array.from({ length: 10 }, (_, n) => `bad-${n}`);
  for (const name of bad) mkdirSync(join(inbox.folder.results, `${name}.json`, 'in-the-way'), { recursive: true });
  await inbox.serve();
  for (const task_id of bad) inbox.drop(`${task_id}.json`, reverse({ task_id }));
  await expect.poll(() => inbox.submitted).toHaveLength(10);
  await Promise.all(inbox.submitted.map((file) => inbox.endHeard(file)));
  await expect.poll(() => inbox.logged).toContain(FAILING);
  inbox.drop('good.json', reverse({ task_id: 'good' }));
  await expect.poll(() => inbox.submitted).toHaveLength(11);
  await inbox.endHeard(inbox.submitted[10]);
  await expect.poll(() => inbox.notification('good')).toMatchObject({ status: 'completed' });
  expect(inbox.notification('bad-0')).toBeUndefined();
});

test('on a full disk runs stay open until there is room', async ({ skip }) => {
  const directory = mkdtempSync(join(tmpdir(), 'taskwire-inbox-disk-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k,mode=0700', 'tmpfs', directory], { stdio: 'ignore' });
  } catch {
    skip('a small disk can be mounted by root alone');
  }
  onTestFinished(() => void execFileSync('umount', ['-l', directory]));
  const inbox = setUpInbox({ directory });
  const taskIds = Array.from({ length: 12 }, (_, n) => `t${n}`);
  for (const task_id of taskIds) {
    inbox.putAccepted(`${task_id}.0123456789ab.json`, reverse({ task_id }));
    await inbox.end(task_id, { result: { text: 'x'.repeat(20_000) } });
  }
  writeFileSync(join(directory, 'filling'), 'x'.repeat(362 * 1024));
  await inbox.serve();
  await expect.poll(() => inbox.logged).toContain(FAILING);
  expect(inbox.accepted().length).toBeGreaterThan(0);
  for (const name of inbox.results().filter((name) => !name.startsWith('.'))) {
    expect(inbox.result(name.slice(0, -5))).toMatchObject({ status: 'completed' });
  }
  rmSync(join(directory, 'filling'));
  await expect.poll(inbox.accepted).toEqual([]);
  for (const taskId of taskIds) expect(inbox.result(taskId).result.text).toHaveLength(20_000);
  expect(inbox.results()).toHaveLength(12);
});

test('a file that cannot be moved does not run, is said once, and runs when it can be', async () => {
  const inbox = setUpInbox({ scanIntervalMs: 20 });
  await inbox.serve();
  const blocked = block(inbox.folder.accepted);
  inbox.drop('a.json', reverse({ task_id: 'a' }));
  inbox.drop('b.json', reverse({ task_id: 'b' }));
  const failing = 'error: a file of the inbox cannot be taken; trying again';
  await expect.poll(() => inbox.logged).toEqual([failing]);
  expect(inbox.submitted).toEqual([]);
  blocked.open();
  await expect.poll(() => inbox.submitted.map(idOf).sort()).toEqual(['a', 'b']);
  await expect.poll(() => inbox.logged).toEqual([failing, 'info: the files of the inbox can be taken again']);
});

test('a folder of requests that cannot be read for a while costs no request', async () => {
  const inbox = setUpInbox({ scanIntervalMs: 10 });
  await inbox.serve();
  const { requests } = inbox.folder;
  const blocked = block(requests);
  await expect.poll(() => inbox.logged).toHaveLength(1);
  writeFileSync(join(`${requests}-away`, 'a.json'), JSON.stringify(reverse({ task_id: 'a' })));
  blocked.open();
  await expect.poll(() => inbox.submitted.map(idOf)).toEqual(['a']);
  chmodSync(requests, 0o700);
  expect(inbox.logged).toEqual([
    'error: the requests of the inbox cannot be listed; trying again',
    'info: the requests of the inbox can be listed again',
  ]);
});

test('submits again what there was no room for', async () => {
  const inbox = setUpInbox();
  let isFull = true;
  await inbox.serve((file) => (isFull ? { status: 'no_room' } : inbox.admit(file)));
  inbox.drop('a.json', reverse({ task_id: 'a' }));
  await expect.poll(() => inbox.submitted.length).toBeGreaterThan(1);
  isFull = false;
  await expect.poll(() => inbox.redis.exists(`${inbox.prefix}:task:a`)).toBe(1);
});

test('results that come while Redis cuts the connection are found when it is back', async () => {
  await using redis = await startPrivateRedis();
  const inbox = setUpInbox({ redisUrl: redis.url });
  const { subscriber } = await inbox.serve();
  for (const task_id of ['t', 'u']) inbox.drop(`${task_id}.json`, reverse({ task_id }));
  await expect.poll(() => inbox.submitted).toHaveLength(2);
  const back = once(subscriber, 'ready');
  await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await inbox.end('t');
  await expect.poll(() => inbox.result('t')).toMatchObject({ status: 'completed' });
  await back;
  // Later results arrive again.
  await inbox.end('u');
  await expect.poll(() => inbox.result('u')).toMatchObject({ status: 'completed' });
});

test('stops in time while Redis is away and results cannot be written, and goes on at the next start', async () => {
  const inbox = setUpInbox();
  const { serving } = await inbox.serve();
  for (const task_id of ['ended', 'runs']) inbox.drop(`${task_id}.json`, reverse({ task_id }));
  await expect.poll(() => inbox.submitted).toHaveLength(2);
  const blocked = block(inbox.folder.results);
  await inbox.end('ended', { replyTo: 'results:elsewhere' });
  await expect.poll(() => inbox.logged).toContain(FAILING);
  await serving[Symbol.asyncDispose]();
  expect(inbox.status()).toMatchObject({ status: 'stopped', queries: { total: 2, pending: 2 } });
  blocked.open();
  inbox.drop('late.json', reverse({ task_id: 'late' }));
  expect(inbox.accepted()).toHaveLength(2);
  await inbox.serve();
  await expect.poll(() => inbox.result('ended')).toMatchObject({ status: 'completed' });
  await expect.poll(() => inbox.submitted.map(idOf)).toContain('late');
});

test('stops in time while Redis is away', async () => {
  const redis = await startPrivateRedis();
  const inbox = setUpInbox({ redisUrl: redis.url });
  const { serving } = await inbox.serve();
  inbox.drop('before.json', reverse({ task_id: 'before' }));
  await expect.poll(() => inbox.submitted).toHaveLength(1);
  await redis[Symbol.asyncDispose]();
  inbox.drop('meanwhile.json', reverse({ task_id: 'meanwhile' }));
  await expect.poll(inbox.accepted).toHaveLength(2);
  await serving[Symbol.asyncDispose]();
  expect(inbox.status()).toMatchObject({ status: 'stopped', queries: { total: 2, pending: 2 } });
});

test('thousands of results at once are all written, without holding up the event loop', async () => {
  const inbox = setUpInbox();
  await inbox.serve();
  for (let n = 0; n < 1000; n += 1) inbox.drop(`t${n}.json`, reverse({ task_id: `t${n}` }));
  await expect.poll(() => inbox.submitted).toHaveLength(1000);
  using delays = Object.assign(monitorEventLoopDelay({ resolution: 5 }), { [Symbol.dispose]: () => delays.disable() });
  delays.enable();
  // Half arrive by channel, half have to be found.
  const result = { text: 'x'.repeat(1000) };
  await Promise.all(
    inbox.submitted.map((file, n) => inbox.endHeard(file, { result, ...(n % 2 && { replyTo: undefined }) })),
  );
  await expect.poll(() => inbox.accepted().length).toBe(0);
  expect(inbox.results()).toHaveLength(1000);
  expect(readdirSync(inbox.folder.notifications)).toHaveLength(1000);
  expect(delays.max / 1e6).toBeLessThan(2000);
});
