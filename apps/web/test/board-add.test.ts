import { newTaskId } from '@taskwire/protocol';
import { type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type BoardServer, startBoard, TASKS_FOLDER } from './board-server.ts';

let stack: Stack;
let board: BoardServer;

beforeAll(async () => {
  const env = { TASKWIRE_TASKS_FOLDERS: TASKS_FOLDER, TASKWIRE_PROCESSOR_MAX_MESSAGE_BYTES: '10000' };
  stack = await startStack({ redisUrl: inject('redisUrl'), services: ['processor', 'worker'], env });
  board = await startBoard(stack.config);
});

afterAll(async () => {
  await board?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
});

async function jobsOf(queue: string): Promise<number> {
  const counts = await board.queue(queue).getJobCounts();
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

test('adds a task as if it had been published, and answers with its job', async () => {
  const task_id = newTaskId();
  const data = { task_id, parameters: { text: 'abc' }, user_id: 7, metadata: { a: 1 } };
  const { status, body } = await board.add('reverse_string', data);
  expect(status).toBe(200);
  expect(body.job).toMatchObject({ id: await board.jobOf(task_id), name: `reverse_string (task ${task_id})` });
  expect(await stack.event(task_id, 'accepted')).toMatchObject({ task_type: 'reverse_string', user_id: 7 });
  expect(await stack.result(task_id)).toMatchObject({
    status: 'completed',
    result: { reversed_text: 'cba' },
    user_id: 7,
    metadata: { a: 1 },
  });
});

test('takes the parameters alone, too', async () => {
  const { body } = await board.add('reverse_string', { text: 'abc' });
  expect(body.job.data).toEqual({ task_type: 'reverse_string', parameters: { text: 'abc' } });
});

test('hands delay and priority on', async () => {
  const delayed = await board.add('reverse_string', { text: 'abc' }, { delay: 60_000, priority: 5 });
  expect(delayed.body).toMatchObject({ status: 'delayed', job: { delay: 60_000, priority: 5 } });
});

test.each([
  ['an unknown task type', 'reverse_strin', { text: 'a' }, {}, /no task type "reverse_strin"; did you mean "reverse_/],
  ['a task of another queue', 'sql_query', { query: 'select 1' }, {}, /runs in the queue "sql"/],
  ['wrong parameters', 'reverse_string', { txt: 'a' }, {}, /parameters\.text: is required.*parameters\.txt: no such/],
  ['a wrong field of the request', 'reverse_string', { task_type: 'reverse_string', usr: 1 }, {}, /usr: no such field/],
  ['a wrong option', 'reverse_string', { text: 'a' }, { priority: -1 }, /priority: /],
  ['an option that tasks do not have', 'reverse_string', { text: 'a' }, { repeat: {} }, /options\.repeat: no such/],
  ['no task type', '__default__', { text: 'a' }, {}, /task_type: is required.*one of .*reverse_string/],
  ['what a processor would find too large', 'reverse_string', { text: 'a'.repeat(10_000) }, {}, /at most 10000/],
  [
    'a user id that has lost digits',
    'reverse_string',
    { parameters: {}, user_id: 2 ** 60 },
    {},
    /user_id: has lost digits/,
  ],
  ['what the board has masked', 'reverse_string', { text: 'a ⟦masked⟧' }, {}, /parameters\.text: holds ⟦masked⟧/],
  [
    'a text that the board has cut',
    'reverse_string',
    { text: 'a ⟦cut: 3000 characters in all⟧' },
    {},
    /parameters\.text/,
  ],
])('refuses %s at once, and adds nothing', async (_what, name, data, options, sentence) => {
  const before = await jobsOf('default');
  const { status, body } = await board.add(name, data, options);
  expect({ status, ...body }).toMatchObject({ status: 400, error: { key: 'The task was not added' } });
  expect(body.message).toMatch(sentence);
  expect(await jobsOf('default')).toBe(before);
});

test('takes as much as a processor does', async () => {
  const { config } = stack;
  await using own = await startBoard({ ...config, processor: { ...config.processor, max_message_bytes: 3_000_000 } });
  const { body } = await own.add('reverse_string', { text: 'a'.repeat(2_000_000) });
  expect(body.message).toMatch(/parameters\.text: must have at most 100000 characters/);
});

test('names each fault by its path, for programs', async () => {
  const { body } = await board.add('generate_random_number', { min_value: 'x', max: 1 });
  expect(body).toMatchObject({
    code: 'invalid_parameters',
    error_details: [
      { path: 'parameters.min_value' },
      { path: 'parameters.max', message: expect.stringMatching(/max_value/) },
    ],
  });
});

test('tells of an id that belongs to another task', async () => {
  const task_id = newTaskId();
  await board.add('reverse_string', { task_id, parameters: { text: 'abc' } });
  await stack.result(task_id);
  const { status, body } = await board.add('reverse_string', { task_id, parameters: { text: 'def' } });
  expect({ status, ...body }).toMatchObject({ status: 400, code: 'task_id_conflict' });
});

test('answers with the result when a task was asked for again whose job is gone', async () => {
  const task_id = newTaskId();
  const data = { task_id, parameters: { text: 'abc' } };
  await board.add('reverse_string', data);
  await stack.result(task_id);
  const job = await board.jobOf(task_id);
  await expect.poll(() => board.queue().getJobState(job)).toBe('completed');
  await board.ask('PUT', `/api/queues/default/${job}/clean`);
  const { status, body } = await board.add('reverse_string', data);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    status: 'completed',
    job: { id: job, returnValue: { reversed_text: 'cba' } },
  });
});

test('answers though no finished job is kept', async () => {
  const env = { TASKWIRE_JOBS_KEEP_COUNT: '0', TASKWIRE_JOBS_KEEP_SECONDS: '0' };
  await using brief = await startStack({ redisUrl: inject('redisUrl'), services: ['processor', 'worker'], env });
  await using own = await startBoard(brief.config);
  for (let round = 0; round < 20; round += 1) {
    expect(await own.add('reverse_string', { text: 'abc' })).toMatchObject({ status: 200, body: { job: {} } });
  }
});

test('says that no processor listens', async () => {
  await using silent = await startStack({ redisUrl: inject('redisUrl'), services: [] });
  await using alone = await startBoard(silent.config);
  const { status, body } = await alone.add('reverse_string', { text: 'abc' });
  expect({ status, ...body }).toMatchObject({ status: 503, code: 'no_processor' });
  expect(body.message).toMatch(/Nobody listens.*Is a processor running/);
});

test('the form knows the queues and task types of user folders, and begins with a request that works', async () => {
  const { body: schema } = await board.ask('GET', '/api/queues/default/job-data-schema');
  expect(schema.properties.task_type.enum).toContain('fail_at_first');
  for (const example of schema.examples) {
    if (['kill_worker', 'log_run', 'chatter'].includes(example.task_type)) continue;
    expect(await board.add('__default__', example)).toMatchObject({ status: 200 });
  }
});
