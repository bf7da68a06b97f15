import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newTaskId } from '@taskwire/protocol';
import { type Stack, startService, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, beforeEach, expect, inject, onTestFinished, test } from 'vitest';

const NEIGHBOURS = 20;
/** Many processes start. */
const SLOW = { timeout: 60_000 };

let stack: Stack;
/** How often the worker has died. */
let deaths = 0;
let stopped = false;

/** The worker has little memory, and is started again when it dies. */
beforeAll(async () => {
  stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'worker'],
    processes: ['worker'],
    env: {
      TASKWIRE_TASKS_FOLDERS: fileURLToPath(new URL('tasks', import.meta.url)),
      TASKWIRE_JOBS_LOCK_MS: '1000',
      NODE_OPTIONS: '--max-old-space-size=80',
    },
  });
  keepRunning();
});

afterAll(() => {
  stopped = true;
  return stack?.[Symbol.asyncDispose]();
});

beforeEach(() => {
  deaths = 0;
});

function keepRunning(): void {
  stack.process('worker').process.once('exit', () => {
    deaths += 1;
    if (!stopped) void stack.start('worker').then(keepRunning);
  });
}

/** The results of a task and of the neighbours that run in the same worker. */
async function runBeside(task: { task_type: string; parameters: object; timeout_ms?: number }) {
  const neighbours = Array.from({ length: NEIGHBOURS }, newTaskId);
  const neighbour = { task_type: 'wait', parameters: { ms: 1500 } };
  await Promise.all(neighbours.map((task_id) => stack.publish({ task_id, ...neighbour })));
  await Promise.all(neighbours.map((task_id) => stack.event(task_id, 'started')));
  const task_id = newTaskId();
  await stack.publish({ task_id, ...task });
  const culprit = await stack.result(task_id);
  return { culprit, innocents: await Promise.all(neighbours.map((id) => stack.result(id))) };
}

const COMPLETED = Array.from({ length: NEIGHBOURS }, () => expect.objectContaining({ status: 'completed' }));

test.each([
  ['throws in a timer', 'throw', 'thrown in a timer'],
  ['leaves a rejection unhandled', 'reject', 'rejected'],
])('a task that %s fails alone, at once', SLOW, async (_, how, error) => {
  const { culprit, innocents } = await runBeside({ task_type: 'poison', parameters: { how } });
  expect(culprit).toMatchObject({ error_code: 'task_failed', error: expect.stringContaining(error), attempts: 1 });
  expect(innocents).toEqual(COMPLETED);
  expect(deaths).toBe(0);
});

test('what a task throws after its end hurts nobody, and is logged with its id', SLOW, async () => {
  const { culprit, innocents } = await runBeside({ task_type: 'poison', parameters: { how: 'throw_late' } });
  expect(culprit).toMatchObject({ status: 'completed' });
  expect(innocents).toEqual(COMPLETED);
  await expect.poll(() => stack.process('worker').output()).toContain('thrown when all was done');
  expect(stack.process('worker').output()).toContain(culprit.task_id);
  expect(deaths).toBe(0);
});

test.each([
  ['exits', 'exit', 'exit code 3'],
  ['uses up the memory', 'memory', 'SIGABRT'],
])('a task that %s takes its worker down once, and then dies alone', SLOW, async (_, how, error) => {
  const { culprit, innocents } = await runBeside({ task_type: 'poison', parameters: { how } });
  expect(culprit).toMatchObject({ error_code: 'worker_lost', error: expect.stringContaining(error), attempts: 2 });
  expect(innocents).toEqual(COMPLETED);
  expect(deaths).toBe(1);
});

test.each([
  ['exits', 'exit', 'worker_lost'],
  ['uses up the memory', 'memory', 'worker_lost'],
  ['never gives way', 'loop', 'timeout'],
  ['throws in a timer', 'throw', 'task_failed'],
])('an isolated task that %s ends alone', SLOW, async (_, how, error_code) => {
  const timeout_ms = how === 'loop' ? 1000 : 30_000;
  const { culprit, innocents } = await runBeside({ task_type: 'isolated_poison', parameters: { how }, timeout_ms });
  expect(culprit).toMatchObject({ error_code, attempts: 1 });
  expect(innocents).toEqual(COMPLETED);
  expect(deaths).toBe(0);
});

test('what an isolated task prints is not taken for its result', SLOW, async () => {
  const { culprit } = await runBeside({ task_type: 'isolated_poison', parameters: { how: 'print' } });
  expect(culprit).toMatchObject({ status: 'completed', result: { done: true } });
  expect(stack.process('worker').output()).toContain('no line of the protocol');
});

test('what no task has thrown still ends the worker, to be started again', SLOW, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const fault = "setTimeout(() => { throw new Error('thrown by nobody'); }, 2000);";
  const { href } = new URL('tasks/wait.ts', import.meta.url);
  writeFileSync(join(folder, 'broken.ts'), `${fault}\nexport * from '${href}';`);
  const worker = await startService('worker', { ...stack.env, TASKWIRE_TASKS_FOLDERS: folder });
  const [code] = await once(worker.process, 'exit');
  expect(code).toBe(1);
  expect(worker.output()).toContain('thrown by nobody');
});
