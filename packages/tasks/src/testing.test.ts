import { expect, test } from 'vitest';
import { z } from 'zod';
import { checkpoint } from './checkpoint.ts';
import { defineTask } from './define-task.ts';
import { HandOver } from './hand-over.ts';
import type { HandlerOf } from './handler.ts';
import { InvalidParameterError, PermanentError } from './task-failure.ts';
import { runTask } from './testing.ts';

const task = defineTask({
  type: 'send_letter',
  description: 'Sends a letter.',
  attempts: 3,
  parameters: z.strictObject({ customer: z.int(), copies: z.int().default(1), due: z.string().optional() }),
  result: z.strictObject({ pages: z.int(), when: z.unknown().optional() }),
  example: { customer: 1 },
});
const LETTER = { customer: 4711 };

function run(handler: HandlerOf<typeof task>, options = {}) {
  return runTask(task, handler, LETTER, options);
}

test('a handler gets its parameters with their defaults, and its result is what the requester would get', async () => {
  const when = new Date(0);
  const ran = await run(({ parameters }) => ({ pages: parameters.copies, when }));
  expect(ran).toMatchObject({ status: 'completed', result: { pages: 1, when: '1970-01-01T00:00:00.000Z' } });
});

test('parameters that do not fit fail the task without a run of its handler', async () => {
  const wrong = { customer: 'x' } as unknown as typeof LETTER;
  const ran = await runTask(task, () => expect.unreachable(), wrong);
  expect(ran).toMatchObject({
    status: 'failed',
    error_code: 'invalid_parameters',
    error_details: [{ path: 'parameters.customer' }],
  });
});

test('a result that does not fit, or is no JSON, fails the task', async () => {
  const what = 'The handler of send_letter returned something that';
  expect(await run(() => ({ pages: 0.5 }))).toMatchObject({
    status: 'failed',
    error: expect.stringContaining(`${what} its definition does not allow: result.pages`),
  });
  expect(await run(() => ({ pages: 1, when: 1n }))).toMatchObject({
    status: 'failed',
    error: `${what} cannot be written as JSON`,
  });
});

test('a failure is tried again until the last attempt', async () => {
  const cause = new Error('no connection');
  const fail = () => Promise.reject(cause);
  const failure = { error: 'no connection', error_code: 'task_failed', cause };
  expect(await run(fail)).toMatchObject({ status: 'retry', ...failure });
  expect(await run(fail, { attempt: 2 })).toMatchObject({ status: 'retry', ...failure });
  expect(await run(fail, { attempt: 3 })).toMatchObject({ status: 'failed', ...failure });
});

test('a permanent failure is final at once', async () => {
  const refused = await run(() => Promise.reject(new PermanentError('closed')));
  expect(refused).toMatchObject({ status: 'failed', error: 'closed', error_code: 'task_failed' });
  const blocked = await run(() => Promise.reject(new InvalidParameterError('customer', 'is blocked')));
  expect(blocked).toMatchObject({ status: 'failed', error_details: [{ path: 'parameters.customer' }] });
});

test('a handler may hand its task over', async () => {
  expect(await run(() => Promise.reject(new HandOver()))).toMatchObject({ status: 'returned' });
});

test('what is said of the task reaches its handler', async () => {
  const given = { attempt: 2, userId: 7, metadata: { page: 3 }, checkpoint: { at: 5 }, taskId: 'letter-1' };
  await run((context) => {
    expect(context).toMatchObject({ ...given, timeoutMs: 60_000 });
    return { pages: 1 };
  }, given);
  const signal = AbortSignal.abort(new Error('enough'));
  expect(await run(({ signal }) => Promise.reject(signal.reason), { signal })).toMatchObject({ error: 'enough' });
});

test('progress, log and checkpoints are collected', async () => {
  const ran = await run(async ({ progress, log, logger }) => {
    progress(0.5, 'half');
    log('begins');
    logger.child({ customer: 4711 }).warn({ err: new TypeError('torn') }, 'the envelope is %s', 'torn');
    logger.debug('ends');
    logger.child({}, { customLevels: { shout: 35 } }).shout('loud');
    await checkpoint({ page: 1 });
    await expect(checkpoint('x'.repeat(5000))).rejects.toThrow('4096 bytes');
    return { pages: 1 };
  });
  expect(ran.progress).toEqual([{ progress: 0.5, message: 'half' }]);
  expect(ran.logs).toEqual([
    { level: 'info', message: 'begins' },
    {
      level: 'warn',
      message: 'the envelope is torn',
      fields: { customer: 4711, err: expect.objectContaining({ type: 'TypeError', message: 'torn' }) },
    },
    { level: 'debug', message: 'ends' },
    { level: 'info', message: 'loud' },
  ]);
  expect(ran.checkpoints).toEqual([{ page: 1 }]);
});

test('further tasks have ids that a second attempt gives again, and the same user', async () => {
  const handler: HandlerOf<typeof task> = async ({ submit }) => {
    expect(await submit(task, { customer: 1 })).toBe('letter-1~1');
    expect(await submit('stamp', { value: 85 }, { key: 'stamp', user_id: null, delay_ms: 5 })).toBe('letter-1~stamp');
    expect(await submit(task, { customer: 2 })).toBe('letter-1~2');
    return { pages: 1 };
  };
  const runs = [1, 2].map((attempt) => run(handler, { attempt, taskId: 'letter-1', userId: 'ada' }));
  const [first, second] = await Promise.all(runs);
  expect(first).toMatchObject({ status: 'completed' });
  expect(first?.submitted).toEqual([
    { task_type: 'send_letter', parameters: { customer: 1 }, task_id: 'letter-1~1', user_id: 'ada' },
    { task_type: 'stamp', parameters: { value: 85 }, task_id: 'letter-1~stamp', user_id: null, delay_ms: 5 },
    { task_type: 'send_letter', parameters: { customer: 2 }, task_id: 'letter-1~2', user_id: 'ada' },
  ]);
  expect(second?.submitted).toEqual(first?.submitted);
});

test.each(['a key with spaces', 'k'.repeat(128)])('any key makes an id of its own (%s)', async (key) => {
  const ran = await run(async ({ submit }) => {
    await submit('stamp', {}, { key });
    await submit('stamp', {}, { key: `${key}!` });
    return { pages: 1 };
  });
  const ids = ran.submitted.map(({ task_id }) => task_id);
  expect(new Set(ids).size).toBe(2);
  for (const id of ids) expect(id).toMatch(/^[\da-f]{64}$/);
});

test('a further task that no processor would accept is refused where it is asked for', async () => {
  const wrong = { customer: 'x' } as unknown as typeof LETTER;
  expect(await run(({ submit }) => submit(task, wrong) as never)).toMatchObject({
    status: 'retry',
    error: expect.stringContaining('The parameters of send_letter are invalid: parameters.customer'),
  });
  const misspelt = { delay: 5 } as object;
  expect(await run(({ submit }) => submit('stamp', {}, misspelt) as never)).toMatchObject({
    error: expect.stringContaining('did you mean "delay_ms"'),
  });
});

test('types say what a handler and a test may write', () => {
  const typed = async () => {
    // @ts-expect-error a number is needed
    await runTask(task, () => ({ pages: 1 }), { customer: 'x' });
    const ran = await runTask(
      task,
      ({ submit }) => {
        // @ts-expect-error there is no such parameter
        void submit(task, { customer: 1, copy: 2 });
        return { pages: 1 };
      },
      LETTER,
    );
    return ran.status === 'completed' && (ran.result.pages satisfies number);
  };
  expect(typed).toBeTypeOf('function');
});
