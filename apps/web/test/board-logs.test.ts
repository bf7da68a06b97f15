import { newTaskId, runKey } from '@taskwire/protocol';
import { type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type BoardServer, startBoard, TASKS_FOLDER } from './board-server.ts';

let stack: Stack;
let board: BoardServer;

beforeAll(async () => {
  const env = { TASKWIRE_TASKS_FOLDERS: TASKS_FOLDER };
  stack = await startStack({ redisUrl: inject('redisUrl'), services: ['processor', 'worker'], env });
  board = await startBoard(stack.config);
});

afterAll(async () => {
  await board?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
});

/** Publishes tasks together, and waits for their results. */
async function ended(...asked: object[]): Promise<string[]> {
  const tasks = asked.map((parameters) => ({ task_id: newTaskId(), task_type: 'talk', parameters }));
  const together = stack.redis.multi();
  for (const task of tasks) together.publish(stack.config.redis.channels.tasks[0], JSON.stringify(task));
  await together.exec();
  await Promise.all(tasks.map(({ task_id }) => stack.result(task_id)));
  return tasks.map(({ task_id }) => task_id);
}

/** Without the times. */
async function logOf(jobId: string): Promise<string[]> {
  const { text } = await board.ask('GET', `/api/queues/default/${jobId}/logs`);
  return (JSON.parse(text) as string[]).map((line) => line.replace(/^\S+Z /, ''));
}

const said = (attempt: number) => [
  `attempt ${attempt} INFO asks with password=⟦masked⟧`,
  `attempt ${attempt} WARN is torn {"page":${attempt}}`,
  `attempt ${attempt} INFO prints ${attempt}`,
];
const failed = (attempt: number, why: string) => `attempt ${attempt} ERROR failed: ${why}`;
const where = (why: string) => expect.stringMatching(new RegExp(`^\\w*Error: ${why}\n.*talk.ts`));

test('a job shows what its task said in all attempts, how they failed, and where', async () => {
  const [again = ''] = await ended({ failures: 1 });
  const why = 'attempt 1 fails';
  expect(await logOf(await board.jobOf(again))).toEqual([...said(1), failed(1, why), ...said(2), where(why)]);
  const [fine = ''] = await ended({});
  expect(await logOf(await board.jobOf(fine))).toEqual(said(1));
});

test('tasks that came together each have a log of their own, also those that share a job to their end', async () => {
  const [bad = '', good = ''] = await ended({ for_good: true }, {}, { for_good: true });
  const why = 'there is no way';
  await expect.poll(async () => logOf(await board.jobOf(bad))).toEqual([...said(1), failed(1, why), where(why)]);
  const { body } = await board.ask('GET', '/api/queues?activeQueue=default&status=completed&jobsPerPage=50');
  const { id } = body.queues[0].jobs.find(({ name }: { name: string }) => name.includes(good));
  expect(await logOf(id)).toEqual(said(1));
  // As the job of an earlier task with this id would be called.
  expect(await logOf(id.replace(/\.\w+$/, '.earlier'))).toEqual([]);
});

test('a task that an operator runs again has the log of its new run alone', async () => {
  const [again = ''] = await ended({ for_good: true });
  const jobId = await board.jobOf(again);
  await expect.poll(() => board.queue().getJobState(jobId)).toBe('failed');
  const key = runKey(stack.config.redis.key_prefix, again);
  const before = await stack.redis.get(key);
  expect(await board.ask('PUT', `/api/queues/default/${jobId}/retry`)).toMatchObject({ status: 204 });
  await expect.poll(() => stack.redis.get(key)).not.toBeOneOf([before, null]);
  expect(await logOf(jobId)).toEqual([...said(1), failed(1, 'there is no way'), where('there is no way')]);
});
