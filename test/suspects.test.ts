import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newTaskId } from '@taskwire/protocol';
import { TaskStore } from '@taskwire/store';
import { type Stack, startStack } from '@taskwire/testing';
import { afterAll, expect, inject, onTestFinished, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'taskwire-test-'));

afterAll(() => rmSync(folder, { recursive: true }));

async function start(given: Partial<Parameters<typeof startStack>[0]>): Promise<Stack> {
  const stack = await startStack({ redisUrl: inject('redisUrl'), ...given });
  onTestFinished(() => stack[Symbol.asyncDispose]());
  return stack;
}

/** Publishes a task while no worker runs, as if it had come back from one that lost it. */
async function publishSuspect(stack: Stack, task: { task_type: string; parameters: object }): Promise<string> {
  const task_id = newTaskId();
  await stack.publish({ task_id, ...task });
  await stack.event(task_id, 'accepted');
  const place = await new TaskStore(stack).placeOf(task_id);
  await stack.redis.hset(`${stack.config.redis.key_prefix}:${place?.queue}:${place?.jobId}`, 'stc', 1);
  return task_id;
}

const sql = (query: string, more = {}) => ({ task_type: 'sql_query', parameters: { query, ...more } });

test('suspect queries and others share a database file that only one process can write to', async () => {
  const stack = await start({
    services: ['processor'],
    env: {
      TASKWIRE_SQL_CONNECTIONS: JSON.stringify({
        default: { driver: 'duckdb', file: join(folder, 'a.duckdb'), read_only: false },
      }),
      TASKWIRE_RESULTS_DIRECTORY: join(folder, 'results'),
    },
  });
  const first = await stack.start('sql-worker');
  const make = newTaskId();
  await stack.publish({ task_id: make, ...sql('create table items as select range as n from range(5)') });
  expect(await stack.result(make)).toMatchObject({ status: 'completed' });
  await first.stop();
  const ids: string[] = [];
  for (let round = 0; round < 3; round += 1) {
    ids.push(await publishSuspect(stack, sql('select sum(n) as s from items where n < 5')));
    const task_id = newTaskId();
    ids.push(task_id);
    await stack.publish({ task_id, ...sql('insert into items values (7)') });
  }
  await stack.start('sql-worker');
  const results = await Promise.all(ids.map((id) => stack.result(id)));
  for (const result of results) expect(result).toMatchObject({ status: 'completed' });
  expect(results[0]).toMatchObject({ result: { rows: [{ s: 10 }] }, attempts: 2 });
});

test('an error of SQL is the same from a task process: with its place and code, and not tried again', async () => {
  const stack = await start({ services: ['processor'] });
  const wrong = sql('select * from nowhere');
  const suspect = await publishSuspect(stack, wrong);
  const other = newTaskId();
  await stack.publish({ task_id: other, ...wrong });
  await stack.start('sql-worker');
  const [{ error, error_code, error_details }, usual] = [await stack.result(suspect), await stack.result(other)];
  expect(error_details).toMatchObject([{ path: 'parameters.query', position: expect.any(Number) }]);
  expect(usual).toMatchObject({ error, error_code, error_details });
});

test('a suspect that is cancelled ends in that', async () => {
  const env = { TASKWIRE_TASKS_FOLDERS: join(import.meta.dirname, 'tasks') };
  const stack = await start({ services: ['processor'], env });
  const task_id = await publishSuspect(stack, { task_type: 'wait', parameters: { ms: 60_000 } });
  await stack.start('worker');
  await stack.event(task_id, 'started');
  await stack.cancel(task_id);
  expect(await stack.result(task_id)).toMatchObject({ error_code: 'cancelled', error: 'Cancelled while it ran' });
});

test('a suspect returns to its queue when its worker stops, and tells its progress', async () => {
  const env = { TASKWIRE_TASKS_FOLDERS: join(import.meta.dirname, 'tasks') };
  const stack = await start({ services: ['processor'], env });
  const parameters = { failures: 1 };
  const retried = await publishSuspect(stack, { task_type: 'fail_at_first', parameters });
  const waits = await publishSuspect(stack, { task_type: 'wait', parameters: { ms: 3000 } });
  const worker = await stack.start('worker');
  expect(await stack.event(retried, 'progress')).toMatchObject({ progress: 0.5, message: 'half-way' });
  expect(await stack.event(retried, 'retrying')).toMatchObject({ error: 'attempt 1 fails' });
  expect(await stack.result(retried)).toMatchObject({ status: 'completed', result: { attempt: 2 }, attempts: 3 });
  await stack.event(waits, 'started');
  await worker.stop();
  await stack.start('worker');
  // The one that its worker had lost, and this one, which two workers have had.
  expect(await stack.result(waits)).toMatchObject({ status: 'completed', attempts: 2 });
});

// Which worker takes a task is chance: one may go back to the queue ten times, for 2 s each.
test('tasks of a type that only one of two workers knows are run by that one', { timeout: 90_000 }, async () => {
  const stack = await start({
    services: ['processor', 'worker'],
    env: { TASKWIRE_TASKS_FOLDERS: join(import.meta.dirname, 'tasks') },
  });
  await stack.start('worker', { TASKWIRE_TASKS_FOLDERS: '' });
  const ids = Array.from({ length: 10 }, newTaskId);
  for (const task_id of ids) await stack.publish({ task_id, task_type: 'wait', parameters: {} });
  for (const id of ids) expect(await stack.result(id)).toMatchObject({ status: 'completed', attempts: 1 });
});

test('a type that its only worker does not know yet waits for one that does', async () => {
  const folders = { TASKWIRE_TASKS_FOLDERS: join(import.meta.dirname, 'tasks') };
  const stack = await start({ services: ['processor'], env: folders });
  const old = await stack.start('worker', { TASKWIRE_TASKS_FOLDERS: '' });
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type: 'wait', parameters: {} });
  await expect.poll(() => stack.redis.zcard(`${stack.config.redis.key_prefix}:default:delayed`)).toBe(1);
  await old.stop();
  await stack.start('worker');
  expect(await stack.result(task_id)).toMatchObject({ status: 'completed', attempts: 1 });
});
