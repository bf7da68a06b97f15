import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newTaskId, rawNumber } from '@taskwire/protocol';
import { type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type BoardServer, startBoard } from './board-server.ts';

let stack: Stack;
let board: BoardServer;
const folder = mkdtempSync(join(tmpdir(), 'taskwire-show-'));

const ECHO = `
import { defineTask, PermanentError } from '@taskwire/tasks';
import { z } from 'zod';
export const task = defineTask({
  type: 'echo',
  description: 'Gives back what it gets, or fails with it.',
  parameters: z.looseObject({ fail: z.string().optional() }),
  result: z.looseObject({}),
  example: {},
});
export const handler = ({ parameters }) => {
  if (parameters.fail) throw new PermanentError(parameters.fail);
  return parameters;
};
`;

beforeAll(async () => {
  writeFileSync(join(folder, 'echo.js'), ECHO);
  const env = { TASKWIRE_TASKS_FOLDERS: folder, TASKWIRE_PROCESSOR_MAX_MESSAGE_BYTES: '20000000' };
  stack = await startStack({ redisUrl: inject('redisUrl'), services: ['processor', 'worker'], env });
  board = await startBoard(stack.config);
});

afterAll(async () => {
  await board?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs `echo` and gives what the board says of its job, on its own page and among the latest. */
async function shownAfter(parameters: object, more: object = {}) {
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type: 'echo', parameters, ...more });
  await stack.result(task_id);
  const id = await board.jobOf(task_id);
  await expect.poll(() => board.queue().getJobState(id)).toMatch(/completed|failed/);
  const page = await board.ask('GET', `/api/queues/default/${id}`);
  const list = await board.ask('GET', '/api/queues?activeQueue=default&jobsPerPage=50');
  const listed = list.body.queues[0].jobs.find((job: { id: string }) => job.id === id);
  return { task_id, page, list, job: page.body.job, listed };
}

test('a job shows what was asked for, its task id, and its result', async () => {
  const { job, listed, task_id } = await shownAfter({ a: 1 }, { user_id: 'u', metadata: { b: 2 }, timeout_ms: 5000 });
  for (const shown of [job, listed]) {
    expect(shown).toMatchObject({
      name: `echo (task ${task_id})`,
      data: { task_type: 'echo', parameters: { a: 1 }, user_id: 'u', metadata: { b: 2 }, timeout_ms: 5000 },
      returnValue: { a: 1 },
    });
  }
});

test('a user id of many digits is shown as text, digit for digit', async () => {
  const { job, listed } = await shownAfter({}, { user_id: rawNumber('9007199254740993') });
  expect([job.data.user_id_digits, listed.data.user_id_digits]).toEqual(['9007199254740993', '9007199254740993']);
});

test('secrets are shown nowhere: not in data, results, metadata, errors, stacks', async () => {
  const parameters = { password: 'hunter2', list: [{ url: 'postgres://ada:hunter2@db/x' }] };
  const fine = await shownAfter(parameters, { metadata: { apiKey: 'hunter2' } });
  expect(fine.job).toMatchObject({
    data: { parameters: { password: '⟦masked⟧' }, metadata: { apiKey: '⟦masked⟧' } },
    returnValue: { list: [{ url: 'postgres://⟦masked⟧@db/x' }] },
  });
  const failed = await shownAfter({ fail: 'cannot connect with password=hunter2' });
  expect(failed.job.failedReason).toBe('task_failed: cannot connect with password=⟦masked⟧');
  expect(failed.job.stacktrace.join()).toMatch(/^\w*Error: task_failed: cannot connect with password=⟦masked⟧\n/);
  for (const { page, list } of [fine, failed]) {
    expect(page.text).not.toContain('hunter2');
    expect(list.text).not.toContain('hunter2');
  }
});

test('a long SQL text is cut', async () => {
  const { job } = await shownAfter({ query: `select ${'x, '.repeat(5000)} 1` });
  expect(job.data.parameters.query).toMatch(/^select x, x, .*⟦cut: 15009 characters in all⟧$/);
});

test('a result too large for the job is shown from the store on its own page', async () => {
  const { job, listed } = await shownAfter({ rows: Array.from({ length: 500 }, (_, index) => ({ index })) });
  expect(listed.returnValue).toEqual({ stored: expect.any(String) });
  expect(job.returnValue.rows).toHaveLength(101);
  expect(job.returnValue.rows[0]).toEqual({ index: 0 });
});

test('a task of megabytes makes no heavy page', async () => {
  const { job, page, list, task_id } = await shownAfter({ text: Array.from({ length: 7000 }, () => 'x'.repeat(1000)) });
  expect(page.text.length).toBeLessThan(100_000);
  expect(list.text.length).toBeLessThan(300_000);
  expect(job.returnValue.stored).toMatch(new RegExp(`too many for this page: see taskwire result ${task_id}`));
});
