import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Rejection } from '@taskwire/protocol';
import { expect, test } from 'vitest';
import type { Outbox } from '../src/outbox.ts';
import { openTask, setUpOutbox } from './outbox-fixture.ts';

type Inbox = ReturnType<typeof setUpOutbox>;

/** How a file becomes an accepted one. */
async function accept({ admit, moveToAccepted }: Inbox, outbox: Outbox, task: ReturnType<typeof openTask>) {
  await outbox.expect(task);
  await admit(task.taskId);
  moveToAccepted(task.taskId);
  outbox.accepted(task.taskId);
}

function rejection(taskId: string | null, code: Rejection['code'] = 'invalid_parameters'): Rejection {
  const task = { task_id: taskId, task_type: 'shout', user_id: 7, metadata: {}, reply_to: undefined };
  return { code, error: 'The parameters are invalid', task };
}

test('a task that ends gets its result file and notification, and leaves the accepted ones', async () => {
  const inbox = setUpOutbox();
  const { outbox } = await inbox.open();
  await accept(inbox, outbox, openTask(outbox, 'done'));
  await accept(inbox, outbox, openTask(outbox, 'broken', { form: 'query' }));
  await accept(inbox, outbox, openTask(outbox, 'given-up'));
  await inbox.end('done', { result: { text: 'cba' }, replyTo: outbox.replyTo });
  await inbox.end('broken', { result: false, replyTo: outbox.replyTo });
  await inbox.end('given-up', { result: false, errorCode: 'cancelled', replyTo: outbox.replyTo });
  await expect.poll(() => readdirSync(inbox.folder.accepted)).toEqual([]);
  expect(inbox.result('done')).toMatchObject({ task_id: 'done', query_id: 'done', result: { text: 'cba' } });
  expect(inbox.result('broken')).toMatchObject({ query_id: 'broken', status: 'failed', error: 'it broke', result: [] });
  expect(inbox.notification('done')).toEqual({
    task_id: 'done',
    query_id: 'done',
    task_type: 'shout',
    status: 'completed',
    completed_at: inbox.result('done').timestamp,
    duration_seconds: 0.005,
    result_file: 'results/done.json',
  });
  expect(inbox.notification('broken')).toMatchObject({ status: 'failed', error: 'it broke' });
  expect(inbox.notification('given-up')).toMatchObject({ status: 'cancelled' });
  expect(readdirSync(inbox.folder.results).toSorted()).toEqual(['broken.json', 'done.json', 'given-up.json']);
});

test('a result is heard where the request wants it, also where the results of all come', async () => {
  const inbox = setUpOutbox();
  const { outbox, subscriber } = await inbox.open();
  const everybody = inbox.config.redis.channels.results;
  const channels = ['results:mine', everybody, everybody];
  // Not accepted yet: the store is not read for these.
  for (const [n, replyTo] of channels.entries()) await outbox.expect(openTask(outbox, `t${n}`, { replyTo }));
  await inbox.end('somebody-else');
  await inbox.end('t0', { replyTo: 'results:mine' });
  await inbox.end('t1');
  await expect.poll(() => readdirSync(inbox.folder.results).toSorted()).toEqual(['t0.json', 't1.json']);
  // Only as long as somebody waits for results there.
  const heard = async () => ((await inbox.redis.pubsub('NUMSUB', everybody)) as [string, number])[1];
  expect([await heard(), subscriber.status]).toEqual([1, 'ready']);
  await inbox.end('t2');
  await expect.poll(() => inbox.notification('t2')).toMatchObject({ status: 'completed' });
  for (const taskId of ['t1', 't2']) {
    inbox.moveToAccepted(taskId);
    outbox.accepted(taskId);
  }
  await expect.poll(heard).toBe(0);
});

test('a result that was sent elsewhere is found in the store', async () => {
  const inbox = setUpOutbox();
  const { outbox } = await inbox.open();
  await accept(inbox, outbox, openTask(outbox, 't'));
  await inbox.end('t', { replyTo: 'results:of-the-first-who-asked' });
  await expect.poll(() => inbox.isOpen('t')).toBe(false);
  expect(inbox.result('t')).toMatchObject({ status: 'completed' });
});

test('a result that is there before the request has moved is written, and the request goes when it comes', async () => {
  const inbox = setUpOutbox();
  const { outbox } = await inbox.open();
  await outbox.expect(openTask(outbox, 't'));
  await inbox.end('t', { replyTo: outbox.replyTo });
  await expect.poll(() => inbox.notification('t')).toMatchObject({ status: 'completed' });
  inbox.moveToAccepted('t');
  outbox.accepted('t');
  await expect.poll(() => inbox.isOpen('t')).toBe(false);
  await outbox[Symbol.asyncDispose]();
  expect(inbox.status().queries).toMatchObject({ total: 1, completed: 1 });
});

test('a task that is asked for again gets its file written again', async () => {
  const inbox = setUpOutbox();
  const { outbox } = await inbox.open();
  await accept(inbox, outbox, openTask(outbox, 't'));
  await inbox.end('t', { replyTo: outbox.replyTo });
  await expect.poll(() => inbox.isOpen('t')).toBe(false);
  rmSync(join(inbox.folder.results, 't.json'));
  await accept(inbox, outbox, openTask(outbox, 't'));
  await expect.poll(() => inbox.isOpen('t')).toBe(false);
  expect(inbox.result('t')).toMatchObject({ status: 'completed' });
});

test('of two files for one task, the one that moves last is cleared away as well', async () => {
  const inbox = setUpOutbox();
  const { outbox } = await inbox.open();
  await outbox.expect(openTask(outbox, 't'));
  await accept(inbox, outbox, openTask(outbox, 't'));
  await inbox.end('t', { replyTo: outbox.replyTo });
  await expect.poll(() => inbox.isOpen('t')).toBe(false);
  inbox.moveToAccepted('t');
  outbox.accepted('t');
  await expect.poll(() => inbox.isOpen('t')).toBe(false);
});

test('a forgotten task is not awaited any more, unless it was accepted before', async () => {
  const inbox = setUpOutbox();
  const { outbox } = await inbox.open();
  await accept(inbox, outbox, openTask(outbox, 'kept'));
  for (const taskId of ['kept', 'none']) {
    await outbox.expect(openTask(outbox, taskId));
    outbox.forget(taskId);
    await inbox.end(taskId, { replyTo: outbox.replyTo });
  }
  await expect.poll(() => inbox.isOpen('kept')).toBe(false);
  expect(readdirSync(inbox.folder.results)).toEqual(['kept.json']);
  await expect.poll(() => inbox.status().queries).toMatchObject({ total: 1, completed: 1 });
});

test('a file that did not become a task gets its answer under the id that it names, or else its own name', async () => {
  const inbox = setUpOutbox();
  const { outbox } = await inbox.open();
  await outbox.refused({ name: 'a.json', form: 'request', rejection: rejection('named') });
  await outbox.refused({ name: 'b.json', form: 'query', rejection: rejection(null, 'invalid_json') });
  await outbox.refused({ name: 'no id at all.json', form: 'query', rejection: rejection(null, 'invalid_json') });
  expect(readdirSync(inbox.folder.results).toSorted()).toEqual(['b.json', 'named.json']);
  expect(inbox.result('named')).toMatchObject({ status: 'error', error_code: 'invalid_parameters', task_id: 'named' });
  expect(inbox.result('b')).toMatchObject({ status: 'failed', query_id: 'b', task_id: 'b', result: [] });
  expect(inbox.notification('b')).toMatchObject({ status: 'failed', error: 'The parameters are invalid' });
  await expect.poll(() => inbox.status().queries).toMatchObject({ total: 3, failed: 3 });
});

test('a file that did not become a task takes the place of a result only when its id is of another task, or of its like', async () => {
  const inbox = setUpOutbox();
  const { outbox } = await inbox.open();
  const refuse = (taskId: string, code?: Rejection['code']) =>
    outbox.refused({ name: `${taskId}.json`, form: 'request', rejection: rejection(taskId, code) });
  await accept(inbox, outbox, openTask(outbox, 'done'));
  await inbox.end('done', { replyTo: outbox.replyTo });
  await expect.poll(() => inbox.isOpen('done')).toBe(false);
  await refuse('done');
  expect(inbox.result('done')).toMatchObject({ status: 'completed' });
  await accept(inbox, outbox, openTask(outbox, 'open'));
  await refuse('open');
  await refuse('open', 'task_id_conflict');
  await refuse('elsewhere', 'task_id_conflict');
  await refuse('wrong', 'unknown_task_type');
  await refuse('wrong', 'invalid_parameters');
  expect(readdirSync(inbox.folder.results).toSorted()).toEqual(['done.json', 'elsewhere.json', 'wrong.json']);
  expect(inbox.result('elsewhere')).toMatchObject({ error_code: 'task_id_conflict' });
  await refuse('done', 'task_id_conflict');
  expect(inbox.result('done')).toMatchObject({ status: 'error', error_code: 'task_id_conflict' });
  expect(inbox.result('wrong')).toMatchObject({ error_code: 'invalid_parameters' });
  await accept(inbox, outbox, openTask(outbox, 'wrong'));
  await inbox.end('wrong', { replyTo: outbox.replyTo });
  await expect.poll(() => inbox.result('wrong')).toMatchObject({ status: 'completed' });
});
