import assert from 'node:assert/strict';
import { defineTask } from '@taskwire/tasks';
import { startTaskwire } from 'taskwire/testing';
import { z } from 'zod';

/** That of Node, or of the runner that runs this. */
const { test } =
  'test' in globalThis ? (globalThis as unknown as typeof import('node:test')) : await import('node:test');

const task = defineTask({
  type: 'shout',
  description: 'Makes a text loud.',
  parameters: z.strictObject({ text: z.string() }),
  result: z.strictObject({ loud: z.string() }),
  example: { text: 'hello' },
});

test('a whole stack is there, and runs tasks', async () => {
  await using taskwire = await startTaskwire({
    tasks: [
      { task, handler: ({ parameters: { text } }: { parameters: { text: string } }) => ({ loud: text.toUpperCase() }) },
    ],
  });
  const result = await taskwire.client.run(task, { text: 'hello' });
  assert.partialDeepStrictEqual(result, { status: 'completed', result: { loud: 'HELLO' } });
});

test('a stack of a folder runs its tasks', async () => {
  await using taskwire = await startTaskwire({ tasks: import.meta.dirname });
  const result = await taskwire.client.run({ task_type: 'hello', parameters: { name: 'Bea' } });
  assert.partialDeepStrictEqual(result, { status: 'completed', result: { greeting: 'Hello, Bea!' } });
});
