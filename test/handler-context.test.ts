import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newTaskId, resultKey } from '@taskwire/protocol';
import { type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'taskwire-handler-'));
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'worker'],
    env: { TASKWIRE_TASKS_FOLDERS: fileURLToPath(new URL('tasks', import.meta.url)) },
  });
});

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** What the worker's log says of a task. */
function logged(taskId: string): Record<string, unknown>[] {
  const worker = stack.services.find(({ name }) => name === 'worker');
  const lines = worker?.output().split('\n') ?? [];
  return lines.filter((line) => line.includes(`"task_id":"${taskId}"`)).map((line) => JSON.parse(line));
}

describe.each(['ask_further', 'ask_further_apart'])('a handler of %s', (task_type) => {
  const task_id = newTaskId();
  const file = join(folder, task_type);

  test('gets user and metadata, and asks for further tasks that run once though it asks twice', async () => {
    const more = `"metadata": {"page": 3}, "parameters": {"file": ${JSON.stringify(file)}}`;
    await stack.publish(`{"task_id": "${task_id}", "task_type": "${task_type}", "user_id": 9007199254740993, ${more}}`);
    const ids = [`${task_id}~1`, `${task_id}~second`];
    expect(await stack.result(task_id)).toMatchObject({
      status: 'completed',
      attempts: 2,
      result: {
        user: '9007199254740993',
        metadata: { page: 3 },
        ids,
        refused: expect.stringContaining('The request is invalid: task_type'),
      },
    });
    for (const id of ids) expect(await stack.result(id)).toMatchObject({ task_type: 'log_run', status: 'completed' });
    const stored = ids.map((id) => stack.redis.get(resultKey(stack.config.redis.key_prefix, id)));
    const [first, second] = await Promise.all(stored);
    expect(first).toContain('"user_id":9007199254740993,');
    expect(second).toContain('"user_id":null,');
    // All that was asked for before it is through.
    const last = newTaskId();
    await stack.publish({ task_id: last, task_type: 'log_run', parameters: { file: join(folder, 'other') } });
    await stack.result(last);
    expect(readFileSync(file, 'utf8')).toBe('run\nrun\n');
  });

  test('what it says by logger and console is in the log with its task, type and user', async () => {
    const about = { task_type, user_id: '9007199254740993', service: 'worker' };
    const said = logged(task_id).filter(({ msg }) => String(msg).startsWith('said'));
    const each = (attempt: number) => [
      { ...about, level: 'warn', msg: 'said by logger', attempt, err: { message: 'OOM in a Redis of my own' } },
      { ...about, level: 'info', msg: 'said by console' },
      { ...about, level: 'error', msg: 'said later' },
    ];
    expect(said).toMatchObject([...each(1), ...each(2)]);
    expect(stack.services.map((service) => service.output()).join()).not.toContain('Redis is full');
  });
});
