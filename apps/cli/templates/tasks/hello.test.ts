import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runTask } from '@taskwire/tasks/testing';
import { handler, task } from './hello.ts';

test('greets by name', async () => {
  const run = await runTask(task, handler, { name: 'Ada' });
  assert.partialDeepStrictEqual(run, { status: 'completed', result: { greeting: 'Hello, Ada!' } });
});
