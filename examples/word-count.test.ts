import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTask } from '@taskwire/tasks/testing';
import { startStack } from '@taskwire/testing';
import { describe, expect, inject, test } from 'vitest';
import { handler, task } from './tasks/word-count.ts';

const folder = fileURLToPath(new URL('tasks', import.meta.url));

test('a task of a folder named in the configuration runs like those of taskwire', async () => {
  expect(await resultOfWordCount(folder)).toMatchObject({
    task_type: 'word_count',
    user_id: 'ada',
    status: 'completed',
    result: { words: 5, different: 4, top: [{ word: 'the', count: 2 }] },
  });
});

test('the folder may stand anywhere, also where no node_modules is', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'taskwire-tasks-'));
  try {
    await cp(folder, elsewhere, { recursive: true });
    expect(await resultOfWordCount(elsewhere)).toMatchObject({ status: 'completed', result: { words: 5 } });
  } finally {
    await rm(elsewhere, { recursive: true });
  }
});

test('parameters are checked by the schema of the task file', async () => {
  await using stack = await startStack(stackOptions(folder));
  await stack.publish({ task_id: 'w-2', task_type: 'word_count', parameters: { text: 'a', topp: 1 } });
  expect(await stack.result('w-2')).toMatchObject({
    error_code: 'invalid_parameters',
    error_details: [{ path: 'parameters.topp', message: expect.stringContaining('no such field') }],
  });
});

describe('the handler by itself', () => {
  test.for([
    ['', { words: 0, different: 0, top: [] }],
    ['Ça va ? Ça va !', { words: 4, different: 2, top: [{ word: 'ça', count: 2 }] }],
  ] as const)('counts the words of "%s"', async ([text, expected]) => {
    expect(await runTask(task, handler, { text, top: 1 })).toMatchObject({ status: 'completed', result: expected });
  });
});

async function resultOfWordCount(tasks: string) {
  await using stack = await startStack(stackOptions(tasks));
  const parameters = { text: 'The cat in the hat', top: 1 };
  await stack.publish({ task_id: 'w-1', task_type: 'word_count', user_id: 'ada', parameters });
  return await stack.result('w-1');
}

function stackOptions(tasks: string) {
  return {
    redisUrl: inject('redisUrl'),
    services: ['processor', 'worker'] as const,
    env: { TASKWIRE_TASKS_FOLDERS: tasks },
  };
}
