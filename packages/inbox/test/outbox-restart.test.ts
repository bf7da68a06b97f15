import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resultKey, taskKey } from '@taskwire/protocol';
import { expect, onTestFinished, test, vi } from 'vitest';
import { setUpOutbox } from './outbox-fixture.ts';

const query = { query_id: 'q', query: 'select 1', metadata: {} };

test('what was accepted at an earlier time gets its files, in whatever state its end was left', async () => {
  const inbox = setUpOutbox();
  const { folder } = inbox;
  const states = ['nothing-written', 'temporary-left', 'result-written', 'notified', 'still-runs'];
  for (const taskId of states) {
    inbox.moveToAccepted(taskId);
    await inbox.admit(taskId);
    if (taskId !== 'still-runs') await inbox.end(taskId, { result: { text: taskId } });
  }
  inbox.moveToAccepted('q', query);
  await inbox.end('q', { result: false });
  writeFileSync(join(folder.results, '.temporary-left.json.0123abcd.part'), '{"half');
  for (const taskId of ['result-written', 'notified']) writeFileSync(join(folder.results, `${taskId}.json`), '{}');
  writeFileSync(join(folder.notifications, 'notified.json'), '{}');
  writeFileSync(join(folder.accepted, 'not a task.json'), '{}');
  mkdirSync(join(folder.accepted, 'folder'));

  await inbox.open();
  await expect
    .poll(() => readdirSync(folder.accepted).toSorted())
    .toEqual(['folder', 'not a task.json', 'still-runs.json']);
  for (const taskId of states.slice(0, 4)) {
    expect(inbox.result(taskId)).toMatchObject({ query_id: taskId, status: 'completed', result: { text: taskId } });
    expect(inbox.notification(taskId)).toMatchObject({ task_id: taskId, status: 'completed' });
  }
  expect(inbox.result('q')).toMatchObject({ query_id: 'q', status: 'failed', error: 'it broke' });
  await expect
    .poll(() => inbox.status().queries)
    .toEqual({
      total: 6,
      pending: 1,
      running: 0,
      completed: 4,
      failed: 1,
      cancelled: 0,
    });
  // The task that still runs had its result sent to a channel of the earlier run.
  await inbox.end('still-runs', { replyTo: 'results:inbox:before' });
  await expect.poll(() => inbox.result('still-runs')).toMatchObject({ status: 'completed' });
});

test('pipes in its folders hold nothing up', async () => {
  const inbox = setUpOutbox();
  const { folder } = inbox;
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
    execFileSync('mkfifo', [join(folder.accepted, `${id}.json`), join(folder.results, `${id}.json`)]);
  }
  inbox.moveToAccepted('task');
  await inbox.end('task');
  await inbox.open();
  await expect.poll(() => readdirSync(folder.accepted)).toEqual([]);
  expect(inbox.result('task')).toMatchObject({ status: 'completed' });
  expect(inbox.result('a')).toMatchObject({ status: 'error', error_code: 'task_failed' });
});

test('what Redis has lost is submitted again until that works, and awaited then; also when it is lost again', async () => {
  const inbox = setUpOutbox();
  inbox.moveToAccepted('lost');
  inbox.moveToAccepted('known');
  await inbox.admit('known');
  let tries = 0;
  const resubmit = vi.fn(async (taskId: string) => {
    tries += 1;
    if (tries === 1) throw new Error('not just now');
    await inbox.admit(taskId);
  });
  await inbox.open(resubmit);
  await expect.poll(() => resubmit.mock.calls).toEqual([['lost'], ['lost']]);
  // That is looked at every second.
  const looks = vi.spyOn(inbox.redis, 'pipeline');
  await expect.poll(() => looks.mock.calls.length).toBeGreaterThan(3);
  expect(resubmit).toHaveBeenCalledTimes(2);
  await inbox.redis.del(taskKey(inbox.prefix, 'lost'));
  await expect.poll(() => resubmit.mock.calls).toHaveLength(3);
  expect(inbox.isOpen('lost')).toBe(true);
  await inbox.end('lost');
  await expect.poll(() => inbox.result('lost')).toMatchObject({ status: 'completed' });
});

test('what is no good request any more when Redis has lost it ends in that error', async () => {
  const inbox = setUpOutbox();
  inbox.moveToAccepted('t');
  const task = { task_id: 't', task_type: 'shout', user_id: 7, metadata: {}, reply_to: undefined };
  const rejection = { code: 'unknown_task_type', error: 'There is no task type "shout"', task } as const;
  const { outbox } = await inbox.open(async () => {
    outbox.forget('t');
    rmSync(join(inbox.folder.accepted, 't.json'));
    await outbox.refused({ name: 't.json', form: 'request', rejection });
  });
  await expect.poll(() => inbox.isOpen('t')).toBe(false);
  await expect.poll(() => inbox.notification('t')).toMatchObject({ status: 'failed' });
  expect(inbox.result('t')).toMatchObject({ status: 'error', error_code: 'unknown_task_type' });
  await expect.poll(() => inbox.status().queries).toMatchObject({ total: 1, failed: 1 });
});

test('what was accepted before results are no longer kept ends in an error that says so', async () => {
  const inbox = setUpOutbox({ env: { TASKWIRE_RESULTS_TTL_SECONDS: '60' } });
  inbox.moveToAccepted('old', { ...query, query_id: 'old', metadata: { chat: 5 } });
  inbox.moveToAccepted('lost-result');
  // The time of a move cannot be set, but the current time can.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
  onTestFinished(() => void vi.useRealTimers());
  const resubmit = vi.fn(async () => undefined);
  await inbox.open(resubmit);
  await expect.poll(() => readdirSync(inbox.folder.accepted)).toEqual([]);
  expect(inbox.result('old')).toMatchObject({
    query_id: 'old',
    status: 'failed',
    task_type: 'sql_query',
    error_code: 'task_failed',
    error: expect.stringContaining('results.ttl_seconds'),
    metadata: { chat: 5 },
    result: [],
  });
  expect(inbox.notification('old')).toMatchObject({ status: 'failed' });
  expect(inbox.result('lost-result')).toMatchObject({ status: 'error', task_type: 'shout' });
  expect(resubmit).not.toHaveBeenCalled();
});

test('what has its result file already is not run again when Redis has lost it', async () => {
  const inbox = setUpOutbox();
  inbox.moveToAccepted('ended');
  await inbox.end('ended', { result: { text: 'cba' } });
  const first = await inbox.open();
  await expect.poll(() => inbox.isOpen('ended')).toBe(false);
  await first.outbox[Symbol.asyncDispose]();
  // As if it had been killed before the notification, and Redis had been emptied.
  await inbox.redis.del(resultKey(inbox.prefix, 'ended'));
  rmSync(join(inbox.folder.notifications, 'ended.json'));
  inbox.moveToAccepted('ended');
  const later = new Date(Date.now() + 1000);
  utimesSync(join(inbox.folder.results, 'ended.json'), later, later);
  const resubmit = vi.fn(async () => undefined);
  await inbox.open(resubmit);
  await expect.poll(() => inbox.isOpen('ended')).toBe(false);
  expect(inbox.notification('ended')).toMatchObject({ status: 'completed', task_type: 'shout' });
  expect(inbox.result('ended')).toMatchObject({ result: { text: 'cba' } });
  expect(resubmit).not.toHaveBeenCalled();
});
