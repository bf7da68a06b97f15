import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newTaskId } from '@taskwire/protocol';
import { type Stack, startStack } from '@taskwire/testing';
import { afterAll, afterEach, beforeEach, expect, inject, test } from 'vitest';

let stack: Stack;
const folder = mkdtempSync(join(tmpdir(), 'taskwire-test-'));

beforeEach(async () => {
  stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'worker'],
    processes: ['worker'],
    env: {
      TASKWIRE_TASKS_FOLDERS: fileURLToPath(new URL('tasks', import.meta.url)),
      TASKWIRE_JOBS_LOCK_MS: '1000',
      TASKWIRE_SERVICES_STOP_TIMEOUT_MS: '500',
    },
  });
});

afterEach(() => stack?.[Symbol.asyncDispose]());
afterAll(() => rmSync(folder, { recursive: true }));

const linesOf = (file: string) => readFileSync(file, { encoding: 'utf8', flag: 'a+' }).split('\n').filter(Boolean);

/** An import that stands still before page 3. */
async function standing() {
  const [task_id, file, go_on] = [newTaskId(), join(folder, newTaskId()), join(folder, newTaskId())];
  const parameters = { file, pages: 4, stop_at: 3, go_on };
  await stack.publish({ task_id, task_type: 'import_pages', parameters });
  await expect.poll(() => linesOf(file)).toEqual(['1', '2']);
  return { task_id, file, goOn: () => writeFileSync(go_on, '') };
}

test.each(['kill', 'stop'] as const)('a task goes on at its checkpoint when its worker is gone (%s)', async (end) => {
  const { task_id, file, goOn } = await standing();
  await stack.process('worker')[end]();
  goOn();
  await stack.start('worker');
  // Everything that was published of it.
  const result = await stack.result(task_id);
  expect(result).toMatchObject({ status: 'completed', result: { first: 3 } });
  expect(linesOf(file)).toEqual(['1', '2', '3', '4']);
  expect(JSON.stringify(stack.recorder.all)).not.toContain('checkpoint');
});

test('a cancel reaches a task that waits with a checkpoint: its handler ends what it has begun', async () => {
  const { task_id, file } = await standing();
  await stack.process('worker').stop();
  await stack.cancel(task_id);
  await stack.start('worker');
  expect(await stack.result(task_id)).toMatchObject({ error_code: 'cancelled' });
  expect(linesOf(file)).toEqual(['1', '2', 'ended at 3']);
});
