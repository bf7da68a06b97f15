import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jobIdOf } from '@taskwire/protocol';
import { expect, test } from 'vitest';
import { idOf, reverse, setUpInbox } from './fixture.ts';

test('status.json says how many runs are where, and shows the latest ones by their names', async () => {
  const inbox = setUpInbox();
  inbox.putAccepted('found.0123456789ab.json', { query_id: 'found', query: 'select 1' });
  const startedAt = Date.now();
  await inbox.serve();
  await expect.poll(() => inbox.status()?.queries).toMatchObject({ total: 1, pending: 1 });
  for (let n = 0; n <= 20; n += 1) {
    inbox.drop(`t.${n}.json`, reverse({ task_id: `t.${n}` }));
    await expect.poll(() => inbox.submitted.map(idOf)).toContain(`t.${n}`);
  }
  const jobs = ['t.19', 't.20', 'somebody-else'].map((taskId) => `${jobIdOf(taskId)}.lx3k`);
  await inbox.redis.lpush(`${inbox.prefix}:default:active`, jobs[0] as string, jobs[2] as string);
  await inbox.redis.lpush(`${inbox.prefix}:sql:active`, jobs[1] as string);
  const of = (id: string) => inbox.submitted.find((file) => idOf(file) === id);
  await inbox.endHeard(of('t.0'));
  await inbox.endHeard(of('t.18'), { result: false });
  await inbox.endHeard(of('t.17'), { result: false, errorCode: 'cancelled' });
  const expected = { total: 22, pending: 17, running: 2, completed: 1, failed: 1, cancelled: 1 };
  await expect.poll(() => inbox.status().queries).toEqual(expected);
  const status = inbox.status();
  expect(status).toMatchObject({ status: 'running', pid: process.pid });
  expect(Date.parse(status.started_at)).toBeGreaterThanOrEqual(startedAt);
  expect(status.tasks).toHaveLength(20);
  const shown = (id: string, status: string) => ({
    task_id: id,
    query_id: id,
    task_type: 'reverse_string',
    status,
    accepted_at: expect.any(String),
  });
  const ended = { completed_at: expect.any(String) };
  expect(status.tasks.slice(0, 5)).toEqual([
    shown('t.20', 'running'),
    shown('t.19', 'running'),
    { ...shown('t.18', 'failed'), ...ended, error: 'it broke' },
    { ...shown('t.17', 'cancelled'), ...ended, error: 'it broke' },
    shown('t.16', 'pending'),
  ]);
  await inbox.redis.del(`${inbox.prefix}:default:active`);
  await expect.poll(() => inbox.status().queries).toMatchObject({ pending: 18, running: 1 });
});

test('status.json is current while nothing happens, and says when the inbox is no longer served', async () => {
  const inbox = setUpInbox();
  const { serving } = await inbox.serve();
  await expect.poll(() => inbox.status()?.status).toBe('running');
  const first = inbox.status().last_check;
  await expect.poll(() => inbox.status().last_check).not.toBe(first);
  const { last_check } = inbox.status();
  expect(Date.now() - Date.parse(last_check)).toBeLessThan(5000);
  await serving[Symbol.asyncDispose]();
  const stopped = inbox.status();
  expect(stopped.status).toBe('stopped');
  expect(Date.parse(stopped.last_check)).toBeGreaterThanOrEqual(Date.parse(last_check));
});

test('a status.json that cannot be written is said once, and written when it can be', async () => {
  const inbox = setUpInbox();
  mkdirSync(join(inbox.folder.statusFile, 'in-the-way'), { recursive: true });
  await inbox.serve();
  await expect.poll(() => inbox.logged).toEqual(['error: status.json cannot be written; trying again']);
  rmSync(inbox.folder.statusFile, { recursive: true });
  await expect.poll(() => inbox.logged).toContain('info: status.json is written again');
  expect(JSON.parse(readFileSync(inbox.folder.statusFile, 'utf8'))).toMatchObject({ status: 'running' });
  expect(inbox.logged).toHaveLength(2);
});

test('old files are removed, and nothing that is not ours', async () => {
  const inbox = setUpInbox({ env: { TASKWIRE_INBOX_KEEP_DAYS: '2' } });
  const { results, notifications, rejected, requests, accepted, path } = inbox.folder;
  const day = 24 * 60 * 60;
  const put = (name: string, ageSeconds: number, content = '{}') => {
    writeFileSync(name, content);
    const then = Date.now() / 1000 - ageSeconds;
    utimesSync(name, then, then);
  };
  const first = await inbox.serve();
  for (const task_id of ['old', 'new']) inbox.drop(`${task_id}.json`, reverse({ task_id }));
  inbox.drop('failed.json', { query_id: 'failed', query: '' });
  await expect.poll(() => inbox.submitted).toHaveLength(3);
  for (const file of inbox.submitted) if (file.validated.status === 'valid') await inbox.endHeard(file);
  await expect.poll(inbox.results).toEqual(['failed.json', 'new.json', 'old.json']);
  await first.serving[Symbol.asyncDispose]();
  const old = Date.now() / 1000 - 2.1 * day;
  for (const name of ['failed', 'old']) utimesSync(join(results, `${name}.json`), old, old);
  for (const folder of [notifications, rejected]) put(join(folder, 'old.json'), 2.1 * day);
  for (const folder of [results, notifications, rejected]) {
    put(join(folder, 'new.json'), 1.9 * day);
    put(join(folder, 'old.txt'), 3 * day);
    put(join(folder, '.killed.json.0123abcd.taskwire.part'), 2 * 60 * 60);
    put(join(folder, '.busy.json.0123abcd.taskwire.part'), 60);
  }
  // Of the daemon before taskwire, of somebody's own, and what is no JSON.
  put(
    join(results, 'before.json'),
    400 * day,
    '{\n  "query_id": "before",\n  "status": "completed",\n  "result": []\n}',
  );
  put(join(results, 'mine.json'), 400 * day, '{"task_id":"mine","status":"completed"}');
  put(join(results, 'notes.json'), 400 * day, 'notes');
  put(join(path, '.status.json.0123abcd.taskwire.part'), 2 * 60 * 60);
  put(join(path, 'mine.json'), 3 * day);
  put(join(requests, '.mine.json.0123abcd.taskwire.part'), 3 * day);
  inbox.putAccepted('open.0123456789ab.json', reverse({ task_id: 'open' }));
  utimesSync(join(accepted, 'open.0123456789ab.json'), 1, 1);
  // A link, and a folder, that are as old as their names say.
  put(join(path, 'target'), 3 * day);
  symlinkSync(join(path, 'target'), join(results, 'link.json'));
  mkdirSync(join(results, 'folder.json'));
  utimesSync(join(results, 'folder.json'), 1, 1);

  await inbox.serve();
  await expect.poll(() => readdirSync(path)).not.toContain('.status.json.0123abcd.taskwire.part');
  const left = ['.busy.json.0123abcd.taskwire.part', 'new.json', 'old.txt'];
  const others = ['before.json', 'mine.json', 'notes.json', 'folder.json', 'link.json'];
  expect(inbox.results()).toEqual([...left, ...others].sort());
  const notified = readdirSync(notifications).filter((name) => !['failed.json'].includes(name));
  expect(notified.sort()).toEqual(left);
  expect(inbox.rejected().filter((name) => !name.startsWith('failed.'))).toEqual(left);
  expect(readdirSync(path)).toEqual(expect.arrayContaining(['mine.json', 'target']));
  expect(readdirSync(requests)).toContain('.mine.json.0123abcd.taskwire.part');
  expect(inbox.accepted()).toEqual(['open.0123456789ab.json']);
});
