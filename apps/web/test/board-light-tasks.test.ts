/** Tasks that share a BullMQ job are seen on the board as if each had its own. */
import { newTaskId } from '@taskwire/protocol';
import { type Stack, startStack } from '@taskwire/testing';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { type BoardServer, startBoard, TASKS_FOLDER } from './board-server.ts';

let stack: Stack;
let board: BoardServer;

beforeEach(async () => {
  const env = { TASKWIRE_TASKS_FOLDERS: TASKS_FOLDER };
  stack = await startStack({ redisUrl: inject('redisUrl'), services: ['processor'], env });
  board = await startBoard(stack.config);
});

afterEach(async () => {
  await board?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
});

/** Publishes tasks that share a job, and gives their ids. */
async function publish(asked: readonly object[]): Promise<string[]> {
  const tasks = asked.map((each) => ({ task_id: newTaskId(), parameters: {}, ...each }));
  const together = stack.redis.multi();
  for (const task of tasks) together.publish(stack.config.redis.channels.tasks[0], JSON.stringify(task));
  await together.exec();
  await Promise.all(tasks.map(({ task_id }) => stack.event(task_id, 'accepted')));
  return tasks.map(({ task_id }) => task_id);
}

const reverse = (text: string) => ({ task_type: 'reverse_string', parameters: { text }, user_id: 7 });
const texts = (count: number) => Array.from({ length: count }, (_, index) => reverse(`text ${index}`));

async function list(status: string, more = '') {
  const { body } = await board.ask('GET', `/api/queues?activeQueue=default&status=${status}${more}`);
  const { counts, jobs, pagination } = body.queues[0];
  return { count: counts[status], jobs, pageCount: pagination.pageCount };
}

test('pages of waiting tasks have a row for each, with what was asked for', async () => {
  const ids = await publish(texts(70));
  const first = await list('waiting', '&jobsPerPage=30');
  expect(first).toMatchObject({ count: 70, pageCount: 3 });
  const pages = [
    first,
    await list('waiting', '&jobsPerPage=30&page=2'),
    await list('waiting', '&jobsPerPage=30&page=3'),
  ];
  expect(pages.map(({ jobs }) => jobs.length)).toEqual([30, 30, 10]);
  const rows = pages.flatMap(({ jobs }) => jobs);
  expect(new Set(rows.map(({ name }) => name))).toEqual(new Set(ids.map((id) => `reverse_string (task ${id})`)));
  const data = rows.find(({ name }) => name.includes(ids[5] as string))?.data;
  expect(data).toEqual({ ...texts(6)[5] });
});

test('a task has its page while it waits, and when it has completed, with its result', async () => {
  const [id = ''] = await publish(texts(3));
  const [row] = (await list('waiting')).jobs.filter(({ name }: { name: string }) => name.includes(id));
  const waiting = await board.ask('GET', `/api/queues/default/${row.id}`);
  expect(waiting.body).toMatchObject({ status: 'waiting', job: { name: `reverse_string (task ${id})` } });
  await stack.start('worker');
  await expect.poll(async () => (await list('completed')).count).toBe(3);
  const completed = await board.ask('GET', `/api/queues/default/${row.id}`);
  expect(completed.body).toMatchObject({ status: 'completed', job: { returnValue: { reversed_text: '0 txet' } } });
  const rows = (await list('completed')).jobs;
  expect(rows.map(({ returnValue }: { returnValue: object }) => returnValue)).toContainEqual({
    reversed_text: '0 txet',
  });
});

test('a removed one ends as cancelled, by whom, and the others do not', async () => {
  const ids = await publish(texts(3));
  const [row, ...others] = (await list('waiting')).jobs;
  expect(await board.ask('PUT', `/api/queues/default/${row.id}/clean`)).toMatchObject({ status: 204 });
  const removed = ids.find((id) => row.name.includes(id)) as string;
  expect(await stack.result(removed)).toMatchObject({
    error: 'Removed in the dashboard by ada',
    error_code: 'cancelled',
  });
  expect(await list('waiting')).toMatchObject({ count: 2, jobs: others.map(({ id }: { id: string }) => ({ id })) });
  await stack.start('worker');
  await Promise.all(ids.map((id) => stack.result(id)));
  await expect.poll(async () => (await list('completed')).count).toBe(2);
  expect((await list('completed')).jobs).toHaveLength(2);
});

test('a page shows those that wait, however many before them were cancelled', async () => {
  const ids = await publish(texts(32));
  const { jobs } = await list('waiting', '&jobsPerPage=32');
  for (const { name } of jobs.slice(0, 30)) await stack.cancel(ids.find((id) => name.includes(id)) as string);
  await expect.poll(async () => (await list('waiting')).count).toBe(2);
  const rest = jobs.slice(30).map(({ id }: { id: string }) => ({ id }));
  expect(await list('waiting')).toMatchObject({ count: 2, pageCount: 1, jobs: rest });
});

test('a waiting one keeps its priority, and the answer says what to do', async () => {
  await publish(texts(2));
  const [row] = (await list('waiting')).jobs;
  const answer = await board.ask('PATCH', `/api/queues/default/${row.id}/priority`, { priority: 3 });
  expect(answer).toMatchObject({ status: 409, text: expect.stringContaining('in one job with others') });
});

test('when all that waits is removed, each ends as cancelled', async () => {
  const ids = await publish(texts(40));
  expect(await board.ask('PUT', '/api/queues/default/empty')).toMatchObject({ status: 200 });
  const results = await Promise.all(ids.map((id) => stack.result(id)));
  expect(new Set(results.map(({ error_code }) => error_code))).toEqual(new Set(['cancelled']));
  expect(await list('waiting')).toMatchObject({ count: 0, jobs: [] });
});

test('one that failed is in the list of failed ones only, and can be run again, with all its attempts', async () => {
  await stack.start('worker');
  const failing = { task_type: 'fail_at_first', parameters: { failures: 3 } };
  const [id = ''] = await publish([failing, reverse('abc')]);
  expect(await stack.result(id)).toMatchObject({ status: 'error', attempts: 3 });
  await expect.poll(async () => [(await list('failed')).count, (await list('completed')).count]).toEqual([1, 1]);
  expect((await list('completed')).jobs.map(({ name }: { name: string }) => name)).not.toContain(
    expect.stringContaining(id),
  );
  const [row] = (await list('failed')).jobs;
  expect(row).toMatchObject({ name: `fail_at_first (task ${id})`, attempts: 3, data: { parameters: { failures: 3 } } });
  expect(await board.ask('PUT', `/api/queues/default/${row.id}/retry`)).toMatchObject({ status: 204 });
  const again = () => stack.recorder.all.filter(({ message }) => message.task_id === id && message.status === 'error');
  await expect.poll(() => again().length).toBe(4);
  const attempts = stack.recorder.all.filter(({ message }) => message.task_id === id && message.event === 'started');
  expect(attempts.map(({ message }) => message.attempt)).toEqual([1, 2, 3, 1, 2, 3]);
});

test('one that has completed is not run again or removed alone, and says why', async () => {
  await stack.start('worker');
  await publish(texts(2));
  await expect.poll(async () => (await list('completed')).count).toBe(2);
  const [row] = (await list('completed')).jobs;
  for (const action of ['retry', 'clean']) {
    const answer = await board.ask('PUT', `/api/queues/default/${row.id}/${action}`);
    expect(answer).toMatchObject({ status: 409, text: expect.stringContaining('in one job with others') });
  }
});
