import { expect, test } from 'vitest';
import { z } from 'zod';
import { defineTask, TaskDefinitionError } from './define-task.ts';

const minimal = {
  type: 'shout',
  description: 'Makes a text loud.',
  parameters: z.strictObject({ text: z.string('must be a text') }),
  result: z.strictObject({ loud: z.string() }),
  example: { text: 'hello' },
};

test('fills in what a task does not say about its run', () => {
  expect(defineTask(minimal)).toEqual({
    ...minimal,
    queue: 'default',
    attempts: 3,
    backoff: { delayMs: 1000, maxDelayMs: 60_000 },
    timeoutMs: 60_000,
    batch: true,
    mcp: false,
    isolated: false,
  });
});

test('keeps what it says, and completes a back-off that is given in part', () => {
  const task = defineTask({ ...minimal, queue: 'slow', attempts: 1, backoff: { delayMs: 5 }, timeoutMs: 10 });
  expect(task).toMatchObject({
    queue: 'slow',
    attempts: 1,
    timeoutMs: 10,
    backoff: { delayMs: 5, maxDelayMs: 60_000 },
  });
});

test('is frozen', () => {
  expect(Object.isFrozen(defineTask(minimal))).toBe(true);
});

test.each([
  { type: 'A.b_c-9' },
  { type: 'x'.repeat(128) },
  { queue: 'q2-slow' },
  { attempts: 1 },
  { attempts: 100 },
  { timeoutMs: 1 },
  { timeoutMs: 86_400_000 },
  { backoff: { delayMs: 0, maxDelayMs: 0 } },
])('accepts %j', (option) => {
  expect(defineTask({ ...minimal, ...option })).toMatchObject(option);
});

test.each([
  [{ type: '' }, 'type'],
  [{ type: '9lives' }, 'type'],
  [{ type: 'two words' }, 'type'],
  [{ type: 'x'.repeat(129) }, 'type'],
  [{ description: '' }, 'description'],
  [{ queue: '' }, 'queue'],
  [{ queue: 'Slow' }, 'queue'],
  [{ queue: 'a:b' }, 'queue'],
  [{ queue: 'result' }, 'queue'],
  [{ queue: 'results' }, 'queue'],
  [{ queue: 'rejection' }, 'queue'],
  [{ queue: 'task' }, 'queue'],
  [{ attempts: 0 }, 'attempts'],
  [{ attempts: 101 }, 'attempts'],
  [{ attempts: 1.5 }, 'attempts'],
  [{ timeoutMs: 0 }, 'timeoutMs'],
  [{ timeoutMs: 86_400_001 }, 'timeoutMs'],
  [{ backoff: { delayMs: -1 } }, 'backoff.delayMs'],
])('refuses %j and names the option %s', (option, path) => {
  const define = () => defineTask({ ...minimal, ...option });
  expect(define).toThrow(TaskDefinitionError);
  expect(define).toThrow(new RegExp(`^The task definition ".*" is invalid: ${path}: .`));
});

test('names all faults at once', () => {
  expect(() => defineTask({ ...minimal, attempts: 0, timeoutMs: 0 })).toThrow(/attempts: .*timeoutMs: /);
});

test('refuses an option that does not exist, and suggests the one that was meant', () => {
  const misspelt = { ...minimal, timeout: 5, retries: 3 };
  expect(() => defineTask(misspelt)).toThrow(
    'no such option "timeout"; did you mean "timeoutMs"?, no such option "retries"',
  );
});

test('refuses an example that its own parameters do not accept', () => {
  const define = () => defineTask({ ...minimal, example: { text: 5 as unknown as string } });
  expect(define).toThrow(TaskDefinitionError);
  expect(define).toThrow(/^The task definition "shout" is invalid: example: .*must be a text/);
});
