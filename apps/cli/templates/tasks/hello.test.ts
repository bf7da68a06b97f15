import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handler, task } from './hello.ts';

test('greets by name', async () => {
  const result = await handler({
    parameters: task.parameters.parse({ name: 'Ada' }),
    taskId: 'test',
    attempt: 1,
    timeoutMs: task.timeoutMs,
    signal: new AbortController().signal,
    progress() {},
    log() {},
  });
  assert.deepEqual(result, { greeting: 'Hello, Ada!' });
});
