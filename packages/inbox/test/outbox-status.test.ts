import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jobIdOf } from '@taskwire/protocol';
import { expect, test } from 'vitest';
import { openTask, setUpOutbox } from './outbox-fixture.ts';

test('status.json says how many tasks are where, and shows the latest ones', async () => {
  const inbox = setUpOutbox();
  inbox.moveToAccepted('found');
  await inbox.admit('found');
  const startedAt = Date.now();
  const { outbox } = await inbox.open();
  await expect.poll(() => inbox.status()?.queries).toMatchObject({ total: 1, pending: 1 });
  const taskIds = Array.from({ length: 21 }, (_, n) => `t.${n}`);
  for (const taskId of taskIds) await outbox.expect(openTask(outbox, taskId));
  const jobs = ['t.19', 't.20', 'somebody-else'].map((taskId) => `${jobIdOf(taskId)}.lx3k`);
  await inbox.redis.lpush(`${inbox.prefix}:default:active`, jobs[0] as string, jobs[2] as string);
  await inbox.redis.lpush(`${inbox.prefix}:sql:active`, jobs[1] as string);
  await inbox.end('t.0', { replyTo: outbox.replyTo });
  await inbox.end('t.18', { result: false, replyTo: outbox.replyTo });
  await inbox.end('t.17', { result: false, errorCode: 'cancelled', replyTo: outbox.replyTo });
  const expected = { total: 22, pending: 17, running: 2, completed: 1, failed: 1, cancelled: 1 };
  await expect.poll(() => inbox.status().queries).toEqual(expected);
  const status = inbox.status();
  expect(status).toMatchObject({ status: 'running', pid: process.pid });
  expect(Date.parse(status.started_at)).toBeGreaterThanOrEqual(startedAt);
  expect(status.tasks).toHaveLength(20);
  expect(status.tasks.slice(0, 5)).toEqual([
    { task_id: 't.20', task_type: 'shout', status: 'running', accepted_at: expect.any(String) },
    { task_id: 't.19', task_type: 'shout', status: 'running', accepted_at: expect.any(String) },
    expect.objectContaining({ task_id: 't.18', status: 'failed', error: 'it broke', completed_at: expect.any(String) }),
    expect.objectContaining({ task_id: 't.17', status: 'cancelled', completed_at: expect.any(String) }),
    { task_id: 't.16', task_type: 'shout', status: 'pending', accepted_at: expect.any(String) },
  ]);
  await inbox.redis.del(`${inbox.prefix}:default:active`);
  await expect.poll(() => inbox.status().queries).toMatchObject({ pending: 18, running: 1 });
});

test('status.json is current while nothing happens, and says when the inbox is no longer served', async () => {
  const inbox = setUpOutbox();
  const { outbox } = await inbox.open();
  await expect.poll(() => inbox.status()?.status).toBe('running');
  const first = inbox.status().last_check;
  await expect.poll(() => inbox.status().last_check).not.toBe(first);
  const { last_check } = inbox.status();
  expect(Date.now() - Date.parse(last_check)).toBeLessThan(5000);
  await outbox[Symbol.asyncDispose]();
  const stopped = inbox.status();
  expect(stopped.status).toBe('stopped');
  expect(Date.parse(stopped.last_check)).toBeGreaterThanOrEqual(Date.parse(last_check));
  await outbox[Symbol.asyncDispose]();
});

test('a status.json that cannot be written is said once, and written when it can be', async () => {
  const inbox = setUpOutbox();
  mkdirSync(join(inbox.folder.statusFile, 'in-the-way'), { recursive: true });
  await inbox.open();
  await expect.poll(() => inbox.logged.error.mock.calls.length).toBe(1);
  rmSync(inbox.folder.statusFile, { recursive: true });
  await expect.poll(() => inbox.logged.info.mock.calls).toContainEqual(['status.json is written again']);
  expect(JSON.parse(readFileSync(inbox.folder.statusFile, 'utf8'))).toMatchObject({ status: 'running' });
  expect(inbox.logged.error).toHaveBeenCalledTimes(1);
});

test('old files are removed, and nothing that is not ours', async () => {
  const inbox = setUpOutbox({ env: { TASKWIRE_INBOX_KEEP_DAYS: '2' } });
  const { results, notifications, rejected, requests, accepted, path } = inbox.folder;
  const day = 24 * 60 * 60;
  const put = (name: string, ageSeconds: number) => {
    writeFileSync(name, '{}');
    const then = Date.now() / 1000 - ageSeconds;
    utimesSync(name, then, then);
  };
  for (const folder of [results, notifications, rejected]) {
    put(join(folder, 'old.json'), 2.1 * day);
    put(join(folder, 'new.json'), 1.9 * day);
    put(join(folder, 'old.txt'), 3 * day);
    put(join(folder, '.killed.json.0123abcd.part'), 2 * 60 * 60);
    put(join(folder, '.busy.json.0123abcd.part'), 60);
  }
  const left = ['.busy.json.0123abcd.part', 'new.json', 'old.txt'];
  put(join(path, '.status.json.0123abcd.part'), 2 * 60 * 60);
  put(join(path, 'mine.json'), 3 * day);
  put(join(requests, '.mine.json.0123abcd.part'), 3 * day);
  put(join(accepted, 'open.json'), 3 * day);
  await inbox.admit('open');
  // A link, and a folder, that are as old as their names say.
  put(join(path, 'target'), 3 * day);
  symlinkSync(join(path, 'target'), join(results, 'link.json'));
  mkdirSync(join(results, 'folder.json'));
  utimesSync(join(results, 'folder.json'), 1, 1);
  await inbox.open();
  await expect.poll(() => readdirSync(path)).not.toContain('.status.json.0123abcd.part');
  expect(readdirSync(results).toSorted()).toEqual([...left, 'folder.json', 'link.json'].toSorted());
  expect(readdirSync(notifications).toSorted()).toEqual(left);
  expect(readdirSync(rejected).toSorted()).toEqual(left);
  expect(readdirSync(path)).toEqual(expect.arrayContaining(['mine.json', 'target']));
  expect(readdirSync(requests)).toContain('.mine.json.0123abcd.part');
  expect(inbox.isOpen('open')).toBe(true);
});
