import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newTaskId } from '@taskwire/protocol';
import { type ServiceInTest, type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

let stack: Stack;
let processors: ServiceInTest[];
const folder = mkdtempSync(join(tmpdir(), 'taskwire-test-'));

beforeAll(async () => {
  stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'processor', 'worker', 'worker'],
    env: { TASKWIRE_TASKS_FOLDERS: fileURLToPath(new URL('tasks', import.meta.url)) },
  });
  processors = stack.services.filter(({ name }) => name === 'processor');
});

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function resultsOf(taskId: string) {
  const channel = stack.config.redis.channels.results;
  return stack.recorder.all.filter((recorded) => recorded.channel === channel && recorded.message.task_id === taskId);
}

/** Resolves when both processors have handled all that was published before: they do before they stop. */
async function bothProcessorsAreThrough(): Promise<void> {
  await Promise.all(processors.map((processor) => processor.stop()));
  processors = await Promise.all(processors.map(() => stack.start('processor')));
}

test('with two processors each of 50 tasks runs once and has one result', async () => {
  const file = join(folder, 'fifty');
  const ids = Array.from({ length: 50 }, newTaskId);
  await Promise.all(ids.map((task_id) => stack.publish({ task_id, task_type: 'log_run', parameters: { file } })));
  await Promise.all(ids.map((id) => stack.result(id)));
  await bothProcessorsAreThrough();
  expect(readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(50);
  for (const id of ids) expect(resultsOf(id)).toHaveLength(1);
});

test('the same task id again brings the stored result again, and runs nothing', async () => {
  const file = join(folder, 'again');
  const request = { task_id: newTaskId(), task_type: 'log_run', parameters: { file } };
  await stack.publish(request);
  const first = await stack.result(request.task_id);
  await bothProcessorsAreThrough();
  await stack.publish(request);
  await bothProcessorsAreThrough();
  expect(resultsOf(request.task_id).map(({ message }) => message)).toEqual([first, first]);
  expect(readFileSync(file, 'utf8')).toBe('run\n');
});

test('the same task id while its task runs is one run and one result', async () => {
  const file = join(folder, 'meanwhile');
  const request = { task_id: newTaskId(), task_type: 'log_run', parameters: { file, run_ms: 300 } };
  await stack.publish(request);
  await stack.event(request.task_id, 'started');
  await stack.publish(request);
  await stack.result(request.task_id);
  await bothProcessorsAreThrough();
  expect(resultsOf(request.task_id)).toHaveLength(1);
  expect(readFileSync(file, 'utf8')).toBe('run\n');
});

test('the same task id for another task is a conflict, and leaves the first one its result', async () => {
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type: 'reverse_string', parameters: { text: 'one' } });
  await stack.result(task_id);
  await stack.publish({ task_id, task_type: 'reverse_string', parameters: { text: 'two' } });
  await bothProcessorsAreThrough();
  expect(resultsOf(task_id).map(({ message }) => message.result?.reversed_text ?? message.error_code)).toEqual([
    'eno',
    'task_id_conflict',
  ]);
});

test('a task id whose first message was faulty runs with the next, good one', async () => {
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type: 'reverse_string', parameters: {} });
  expect(await stack.result(task_id)).toMatchObject({ error_code: 'invalid_parameters' });
  await stack.publish({ task_id, task_type: 'reverse_string', parameters: { text: 'abc' } });
  const isGood = ({ message }: { message: { task_id: string; status?: string } }) =>
    message.task_id === task_id && message.status === 'completed';
  expect((await stack.recorder.first(isGood)).message).toMatchObject({ result: { reversed_text: 'cba' } });
});
