import { expect, test } from 'vitest';
import { ownFrames, ownStack } from './own-frames.ts';

const HERE = import.meta.url;
const APP = new URL('../../../../apps/worker/src/worker.ts', HERE).href;

test('a stack keeps the frames of the task alone', () => {
  const stack = [
    'TypeError: no connection',
    'to the server',
    '    at node:internal/deps/undici/undici:13510:13',
    '    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
    '    at async ask (file:///home/ada/tasks/node_modules/asker/index.js:3:1)',
    '    at Array.map (<anonymous>)',
    '    at async handler (file:///home/ada/tasks/letter.ts:7:11)',
    '    at handler (/home/ada/tasks/letter.cjs:7:11)',
    '    at async runHere (file:///home/ada/node_modules/@taskwire/tasks/dist/running/run-here.js:20:26)',
    '    at run (C:\\home\\node_modules\\taskwire\\bin.js:1:1)',
    `    at async runHere (${HERE}:20:26)`,
    `    at async runHere (${APP}:20:26)`,
  ].join('\n');
  expect(ownFrames(stack)).toBe(
    [
      'TypeError: no connection',
      'to the server',
      '    at async ask (file:///home/ada/tasks/node_modules/asker/index.js:3:1)',
      '    at async handler (file:///home/ada/tasks/letter.ts:7:11)',
      '    at handler (/home/ada/tasks/letter.cjs:7:11)',
    ].join('\n'),
  );
});

test.each([undefined, `Error: ours\n    at run (${HERE}:1:1)`])(
  'without a frame of the task there is none: %s',
  (stack) => {
    expect(ownFrames(stack)).toBeUndefined();
  },
);

test('a stack of another language stays as it is', () => {
  const stack = 'Traceback (most recent call last):\n  File "letter.py", line 3\nValueError: no';
  expect(ownFrames(stack)).toBe(stack);
});

test('the causes of an error follow, each with its message', () => {
  const cause = new Error('the wire is cut', { cause: new Error('by a mouse') });
  const stack = ownStack(
    Object.assign(new Error('no answer', { cause }), { stack: 'Error: no answer\n    at ask (/mine/ask.ts:1:2)' }),
  );
  expect(stack).toContain('Error: no answer\n    at ask (/mine/ask.ts:1:2)\ncaused by: ');
  expect(stack).toMatch(/the wire is cut[\s\S]*caused by: [\s\S]*by a mouse/);
});
