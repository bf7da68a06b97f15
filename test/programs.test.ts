import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';

const WAITING = {
  type: 'waiting',
  description: 'Waits until it is ended.',
  parameters: { type: 'object' },
  result: { type: 'object' },
  example: {},
  attempts: 1,
  command: ['sh', 'waiting.sh'],
};

function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-programs-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

let stack: Stack;
const folder = folderWith({
  'waiting.task.json': JSON.stringify(WAITING),
  'waiting.sh': 'sleep 600 & echo $! > pid; echo "begun" >&2; wait',
  'lines.task.json': JSON.stringify({ ...WAITING, type: 'lines', mode: 'stream', command: ['sh', 'lines.sh'] }),
  'lines.sh':
    'while read -r line; do echo \'{"progress": 0.5, "message": "half"}\'; echo "{\\"result\\": $line}"; done',
});

beforeAll(async () => {
  stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'worker'],
    env: { TASKWIRE_TASKS_FOLDERS: folder },
  });
});

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

/** That of the `sleep` which the program has started. */
async function pidOfSleep(): Promise<number> {
  const read = () => Number(readFileSync(join(folder, 'pid'), 'utf8'));
  await expect.poll(read).toBeGreaterThan(0);
  return read();
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('a program whose time is up is ended, with what it has started', async () => {
  await stack.publish({ task_type: 'waiting', task_id: 'late', timeout_ms: 500 });
  const pid = await pidOfSleep();
  expect(await stack.result('late')).toMatchObject({ error_code: 'timeout', attempts: 1 });
  await expect.poll(() => isAlive(pid)).toBe(false);
  rmSync(join(folder, 'pid'));
});

test('a cancelled task ends its program', async () => {
  await stack.publish({ task_type: 'waiting', task_id: 'cancelled' });
  const pid = await pidOfSleep();
  await stack.cancel('cancelled');
  expect(await stack.result('cancelled')).toMatchObject({ error_code: 'cancelled' });
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test('many tasks that come together run through a program in stream mode', async () => {
  const ids = Array.from({ length: 50 }, (_, index) => `line-${index}`);
  await Promise.all(ids.map((id) => stack.publish({ task_type: 'lines', task_id: id, user_id: 7 })));
  const results = await Promise.all(ids.map((id) => stack.result(id)));
  expect(results.map(({ result }) => (result as { task_id: string }).task_id)).toEqual(ids);
  expect(await stack.event('line-0', 'progress')).toMatchObject({ progress: 0.5, message: 'half', user_id: 7 });
});

test('a worker whose program is missing does not start, and says which', async () => {
  const lacking = folderWith({ 'waiting.task.json': JSON.stringify(WAITING) });
  onTestFinished(() => rmSync(lacking, { recursive: true }));
  const starting = startStack({
    redisUrl: inject('redisUrl'),
    services: ['worker'],
    env: { TASKWIRE_TASKS_FOLDERS: lacking },
  });
  await expect(starting).rejects.toThrow(
    `Tasks cannot be loaded from ${lacking}/waiting.task.json: there is no file ${lacking}/waiting.sh (command)`,
  );
});
