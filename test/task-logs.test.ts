import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newTaskId, resultKey, resultsStreamKey, runKey, type TaskRun } from '@taskwire/protocol';
import { type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { runTaskwire } from './run-taskwire.ts';

const PROGRAM = {
  description: 'Says something, and fails.',
  parameters: { type: 'object' },
  result: { type: 'object' },
  example: {},
  attempts: 1,
};

const folder = mkdtempSync(join(tmpdir(), 'taskwire-logs-'));
let stack: Stack;
let prefix: string;

beforeAll(async () => {
  const files = {
    'simple.task.json': JSON.stringify({ ...PROGRAM, type: 'simple', command: ['sh', '-c', 'echo begun >&2; exit 3'] }),
    'lines.task.json': JSON.stringify({ ...PROGRAM, type: 'lines', mode: 'stream', command: ['sh', 'lines.sh'] }),
    'lines.sh': [
      'while read -r line; do',
      'printf "%s\\n" \'{"log": "has read", "level": "warn"}\'',
      'printf "%s\\n" \'{"error": {"message": "no", "retryable": false, "stack": "Traceback:\\n  line 3"}}\'',
      'done',
    ].join('\n'),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const env = { TASKWIRE_TASKS_FOLDERS: `${folder},${fileURLToPath(new URL('tasks', import.meta.url))}` };
  stack = await startStack({ redisUrl: inject('redisUrl'), services: ['processor', 'worker'], env });
  prefix = stack.config.redis.key_prefix;
});

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function ended(task_type: string, parameters: object = {}): Promise<string> {
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type, parameters });
  await stack.result(task_id);
  return task_id;
}

async function runOf(task_id: string): Promise<TaskRun> {
  return JSON.parse((await stack.redis.get(runKey(prefix, task_id))) as string);
}

const said = (attempt: number) => [
  { attempt, level: 'info', message: 'asks with password=⟦masked⟧' },
  { attempt, level: 'warn', message: 'is torn', fields: { page: attempt } },
  { attempt, level: 'info', message: `prints ${attempt}` },
];

test.each(['talk', 'talk_apart'])(
  'what all attempts of %s said, and where they threw, is kept with the result',
  async (type) => {
    const task_id = await ended(type, { failures: 2 });
    const run = await runOf(task_id);
    expect(run).toMatchObject({
      attempts: [{ attempt: 1, error: 'attempt 1 fails' }, { attempt: 2, error: 'attempt 2 fails' }, { attempt: 3 }],
      log: [...said(1), ...said(2), ...said(3)],
    });
    expect(run.stack?.split('\n')).toEqual([
      'Error: attempt 2 fails',
      expect.stringMatching(/^ {4}at throwError \(.*talk.*\.ts:\d+:\d+\)$/),
      expect.stringMatching(/^ {4}at (Object\.)?handler \(.*talk.*\.ts:\d+:\d+\)$/),
    ]);
    const keys = [runKey(prefix, task_id), resultKey(prefix, task_id)];
    const [ofRun = 0, ofResult = 0] = await Promise.all(keys.map((key) => stack.redis.ttl(key)));
    expect(Math.abs(ofRun - ofResult)).toBeLessThanOrEqual(1);
    const entries = await stack.redis.xrange(resultsStreamKey(prefix), '-', '+');
    const [, fields = []] = entries.find(([, [, message]]) => message?.includes(task_id)) ?? [];
    expect(JSON.parse(fields[fields.indexOf('run') + 1] as string)).toEqual(run);
  },
);

test('what is thrown for good leaves its stack, too', async () => {
  for (const type of ['talk', 'talk_apart']) {
    const run = await runOf(await ended(type, { for_good: true }));
    expect(run).toMatchObject({ log: said(1), stack: expect.stringMatching(/^\w*Error: there is no way\n.*handler/) });
  }
});

test('what programs say, and their stacks, are kept', async () => {
  expect((await runOf(await ended('simple'))).log).toMatchObject([{ attempt: 1, level: 'info', message: 'begun' }]);
  expect(await runOf(await ended('lines'))).toMatchObject({
    log: [{ attempt: 1, level: 'warn', message: 'has read' }],
    stack: 'Traceback:\n  line 3',
  });
});

test('taskwire result --logs prints it, for people and as JSON', async () => {
  const task_id = await ended('talk', { failures: 1 });
  const taskwire = (...args: string[]) => runTaskwire(['result', ...args], { PATH: '/usr/bin:/bin', ...stack.env });
  const { code, out } = await taskwire(task_id, '--logs');
  expect(code).toBe(0);
  expect(out.replaceAll(/\d\d:\d\d:\d\d\.\d{3} /g, '').split('\n')).toEqual([
    expect.stringMatching(/^✔ completed talk /),
    '{}',
    'attempt 1 info  asks with password=⟦masked⟧',
    'attempt 1 warn  is torn {"page":1}',
    'attempt 1 info  prints 1',
    'attempt 1 error failed: attempt 1 fails',
    'attempt 2 info  asks with password=⟦masked⟧',
    'attempt 2 warn  is torn {"page":2}',
    'attempt 2 info  prints 2',
    'Error: attempt 1 fails',
    expect.stringContaining('    at throwError ('),
    expect.stringMatching(/ {4}at (Object\.)?handler \(/),
    '',
  ]);
  const json = await taskwire(task_id, '--logs', '--json');
  expect(JSON.parse(json.out)).toMatchObject({ task_id, status: 'completed', run: await runOf(task_id) });

  const plain = await ended('reverse_string', { text: 'abc' });
  expect((await taskwire(plain, '--logs')).out).toContain('It has logged nothing.');
  expect(JSON.parse((await taskwire(plain, '--logs', '--json')).out)).toMatchObject({ run: null });
  expect(JSON.parse((await taskwire(plain, '--json')).out)).not.toHaveProperty('run');
});
