import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startPrivateRedis } from '@taskwire/testing';
import { expect, onTestFinished, test } from 'vitest';
import { openTask, setUpOutbox } from './outbox-fixture.ts';

const FAILING = 'results of the inbox cannot be written; trying every 2 s';
const WORKING = 'results of the inbox are written again';

test.each(['results', 'notifications'] as const)(
  'while the folder of the %s cannot be written to nothing is lost, and it is said once',
  async (name) => {
    const inbox = setUpOutbox();
    const taskIds = ['a', 'b', 'c'];
    for (const taskId of taskIds) {
      inbox.moveToAccepted(taskId);
      await inbox.end(taskId);
    }
    rmSync(inbox.folder[name], { recursive: true });
    writeFileSync(inbox.folder[name], 'in the way');
    await inbox.open();
    const failures = () => inbox.logged.error.mock.calls.filter(([, message]) => message === FAILING);
    await expect.poll(failures).toHaveLength(1);
    rmSync(inbox.folder[name]);
    mkdirSync(inbox.folder[name]);
    await expect.poll(() => readdirSync(inbox.folder.accepted)).toEqual([]);
    expect(readdirSync(inbox.folder.results).toSorted()).toEqual(taskIds.map((taskId) => `${taskId}.json`));
    expect(readdirSync(inbox.folder.notifications)).toHaveLength(3);
    expect(failures()).toHaveLength(1);
    expect(inbox.logged.info.mock.calls.filter(([message]) => message === WORKING)).toHaveLength(1);
  },
);

test('folders that somebody has removed are made again', async () => {
  const inbox = setUpOutbox();
  inbox.moveToAccepted('t');
  await inbox.end('t');
  for (const folder of [inbox.folder.results, inbox.folder.notifications]) rmSync(folder, { recursive: true });
  await inbox.open();
  await expect.poll(() => inbox.isOpen('t')).toBe(false);
  expect([inbox.result('t').status, inbox.notification('t').status]).toEqual(['completed', 'completed']);
});

test('one result file that cannot be written holds up no other, and no refused file', async () => {
  const inbox = setUpOutbox();
  mkdirSync(join(inbox.folder.results, 'bad.json', 'in-the-way'), { recursive: true });
  const { outbox } = await inbox.open();
  for (const taskId of ['bad', 'good']) {
    await outbox.expect(openTask(outbox, taskId));
    await inbox.end(taskId, { replyTo: outbox.replyTo });
  }
  await expect.poll(() => inbox.notification('good')).toMatchObject({ status: 'completed' });
  const task = { task_id: null, task_type: null, user_id: null, metadata: null, reply_to: undefined };
  const rejection = { code: 'invalid_json', error: 'no JSON', task } as const;
  await outbox.refused({ name: 'refused.json', form: 'request', rejection });
  expect(inbox.result('refused')).toMatchObject({ status: 'error' });
  expect(inbox.notification('bad')).toBeUndefined();
});

test('on a full disk tasks stay open until there is room', async ({ skip }) => {
  const directory = mkdtempSync(join(tmpdir(), 'taskwire-outbox-disk-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k,mode=0700', 'tmpfs', directory], { stdio: 'ignore' });
  } catch {
    skip('a small disk can be mounted by root alone');
  }
  onTestFinished(() => void execFileSync('umount', ['-l', directory]));
  const inbox = setUpOutbox({ directory });
  const taskIds = Array.from({ length: 12 }, (_, n) => `t${n}`);
  for (const taskId of taskIds) {
    inbox.moveToAccepted(taskId);
    await inbox.end(taskId, { result: { text: 'x'.repeat(20_000) } });
  }
  writeFileSync(join(directory, 'filling'), 'x'.repeat(362 * 1024));
  await inbox.open();
  const failures = () => inbox.logged.error.mock.calls.filter(([, message]) => message === FAILING);
  await expect.poll(failures).toHaveLength(1);
  expect(readdirSync(inbox.folder.accepted).length).toBeGreaterThan(0);
  for (const name of readdirSync(inbox.folder.results).filter((name) => !name.startsWith('.'))) {
    expect(inbox.result(name.slice(0, -5))).toMatchObject({ status: 'completed' });
  }
  rmSync(join(directory, 'filling'));
  await expect.poll(() => readdirSync(inbox.folder.accepted)).toEqual([]);
  for (const taskId of taskIds) expect(inbox.result(taskId).result.text).toHaveLength(20_000);
  expect(readdirSync(inbox.folder.results)).toHaveLength(12);
});

test('results that come while Redis cuts the connection are found when it is back', async () => {
  await using redis = await startPrivateRedis();
  const inbox = setUpOutbox({ redisUrl: redis.url });
  const { outbox, subscriber } = await inbox.open();
  await outbox.expect(openTask(outbox, 't', { replyTo: 'results:mine' }));
  await inbox.admit('t');
  inbox.moveToAccepted('t');
  outbox.accepted('t');
  const back = inbox.ready(subscriber);
  await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub');
  await inbox.end('t', { replyTo: 'results:mine' });
  await expect.poll(() => inbox.isOpen('t')).toBe(false);
  await back;
  // Later results arrive again.
  await outbox.expect(openTask(outbox, 'u', { replyTo: 'results:mine' }));
  await inbox.end('u', { replyTo: 'results:mine' });
  await expect.poll(() => inbox.notification('u')).toMatchObject({ status: 'completed' });
});

test('stops in time while Redis is away and the results cannot be written', async () => {
  const redis = await startPrivateRedis();
  const inbox = setUpOutbox({ redisUrl: redis.url });
  const { outbox } = await inbox.open();
  await outbox.expect(openTask(outbox, 't'));
  await redis[Symbol.asyncDispose]();
  outbox.accepted('t');
  const task = { task_id: 'r', task_type: null, user_id: null, metadata: null, reply_to: undefined };
  rmSync(inbox.folder.results, { recursive: true });
  writeFileSync(inbox.folder.results, 'in the way');
  await outbox.refused({ name: 'r.json', form: 'request', rejection: { code: 'invalid_message', error: 'no', task } });
  await expect.poll(() => inbox.status().queries).toMatchObject({ total: 2, pending: 1, failed: 1 });
  await outbox[Symbol.asyncDispose]();
  expect(inbox.status().status).toBe('stopped');
});

test('thousands of results at once are all written, without holding up the event loop', async () => {
  const inbox = setUpOutbox();
  const { outbox } = await inbox.open();
  const taskIds = Array.from({ length: 1000 }, (_, n) => `t${n}`);
  await Promise.all(taskIds.map((taskId) => outbox.expect(openTask(outbox, taskId))));
  for (const taskId of taskIds) {
    inbox.moveToAccepted(taskId);
    outbox.accepted(taskId);
  }
  using delays = Object.assign(monitorEventLoopDelay({ resolution: 5 }), { [Symbol.dispose]: () => delays.disable() });
  delays.enable();
  // Half arrive by channel, half have to be found.
  const text = 'x'.repeat(1000);
  await Promise.all(
    taskIds.map((taskId, n) => inbox.end(taskId, { result: { text }, replyTo: n % 2 ? outbox.replyTo : undefined })),
  );
  await expect.poll(() => readdirSync(inbox.folder.accepted).length).toBe(0);
  expect(readdirSync(inbox.folder.results)).toHaveLength(1000);
  expect(readdirSync(inbox.folder.notifications)).toHaveLength(1000);
  expect(delays.max / 1e6).toBeLessThan(2000);
});
