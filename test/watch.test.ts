import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { redisSettings, TaskwireClient } from '@taskwire/client';
import { freePort } from '@taskwire/redis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { DaemonHome } from './daemon-home.ts';

let home: DaemonHome;
let stack: ReturnType<DaemonHome['begin']>;
let client: TaskwireClient;

beforeAll(async () => {
  const port = await freePort();
  home = await DaemonHome.make({
    REDIS_PORT: String(port),
    TASKWIRE_REDIS_KEY_PREFIX: '{watched}',
    TASKWIRE_CONFIG: 'config.json',
    // A worker that merely stopped would give its task back at once.
    TASKWIRE_SERVICES_STOP_TIMEOUT_MS: '0',
    TASKWIRE_JOBS_LOCK_MS: '1000',
  });
  write('config.json', '{ "tasks": { "folders": ["./tasks"] } }');
  write('tasks/hello.ts', helloSaying('word'));
  write('lib/words/word.ts', "export const word = 'first';");
  stack = home.begin('start', '--watch');
  await vi.waitFor(() => expect(stack.out()).toContain('ready: Redis at'), { timeout: 20_000 });
  client = new TaskwireClient(redisSettings({ port, key_prefix: '{watched}' }));
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  stack.child.kill('SIGINT');
  expect(await stack.ended).toBe(0);
  await home[Symbol.asyncDispose]();
});

test('new tasks run what an imported file says now, and running ones end on the old code', async () => {
  const running = client.run({ task_type: 'hello', task_id: 'long', parameters: { until: 'let-it-end' } });
  await expect.poll(stack.out).toContain('long runs');
  write('lib/words/word.ts', "export const word = 'second';");
  await expect.poll(() => said()).toBe('second');
  await expect.poll(stack.out).toContain('lib/words/word.ts changed: new tasks use it');
  write('let-it-end', '');
  await expect(running).resolves.toMatchObject({ status: 'completed', attempts: 1, result: { said: 'first' } });
});

test('what has a fault is said, and the code from before runs on until it is mended', async () => {
  const before = await said();
  write('tasks/hello.ts', helloSaying("word + '!'").replace('../lib/words/word.ts', '../lib/absent.ts'));
  await expect.poll(stack.out).toMatch(/tasks\/hello\.ts changed, but .*Cannot find module .*absent\.ts/);
  expect(await said()).toBe(before);
  // A file that was missing counts, and so does its folder.
  write('lib/absent.ts', "export const word = 'third';");
  await expect.poll(() => said()).toBe('third!');
  write('tasks/hello.ts', helloSaying('word'));
});

test('a module that waits for ever is said, and the next change counts', { timeout: 30_000 }, async () => {
  await expect.poll(() => said()).toBe('second');
  write('tasks/waits.ts', 'await new Promise(() => setInterval(() => undefined, 1000));');
  await expect.poll(stack.out, { timeout: 15_000 }).toContain('still being loaded');
  expect(await said()).toBe('second');
  rmSync(join(home.folder, 'tasks/waits.ts'));
  await expect.poll(stack.out, { timeout: 15_000 }).toMatch(/tasks\/waits\.ts.* changed: new tasks use it/);
});

test('files that an editor replaces, new ones and removed ones count', async () => {
  write('lib/words/word.ts~', "export const word = 'fourth';");
  renameSync(join(home.folder, 'lib/words/word.ts~'), join(home.folder, 'lib/words/word.ts'));
  await expect.poll(() => said()).toBe('fourth');
  write('tasks/other.ts', helloSaying("'other'").replace("type: 'hello'", "type: 'other'"));
  await expect.poll(() => said('other')).toBe('other');
  rmSync(join(home.folder, 'tasks/other.ts'));
  await expect.poll(() => said('other')).toContain('There is no task type "other"');
});

test('programs of .task.json files count', async () => {
  write(
    'tasks/shell.task.json',
    JSON.stringify({
      ...{ type: 'shell', description: 'd', example: {}, command: ['sh', 'shell.sh'], mode: 'stream' },
      ...{ parameters: { type: 'object' }, result: { type: 'object' } },
    }),
  );
  const shell = (word: string) => `while read -r line; do echo '{"result": {"said": "${word}"}}'; done`;
  await expect.poll(stack.out).toMatch(/shell\.task\.json changed, but .*there is no file .*shell\.sh/);
  write('tasks/shell.sh', shell('one'));
  await expect.poll(() => said('shell')).toBe('one');
  write('tasks/shell.sh', shell('two'));
  await expect.poll(() => said('shell')).toBe('two');
});

test('settings count: faults are said, and what belongs to the supervisor needs a start', async () => {
  write('.env', 'TASKWIRE_WORKER_CONCURENCY=7');
  await expect.poll(stack.out).toMatch(/\.env changed, but .*did you mean TASKWIRE_WORKER_CONCURRENCY/s);
  write('tasks/hello.ts', helloSaying('process.env.GREETING ?? word'));
  for (const greeting of ['Hello', 'Servus']) {
    write('.env', `GREETING=${greeting}`);
    await expect.poll(() => said()).toBe(greeting);
  }
  write('config.json', '{ "tasks": { "folders": ["./tasks"] }, "log": { "keep_files": 7 } }');
  await expect.poll(stack.out).toContain('log can only change when taskwire is started again');
  write('other-tasks/from-config.ts', helloSaying("'configured'").replace("type: 'hello'", "type: 'configured'"));
  write('config.json', '{ "tasks": { "folders": ["./tasks", "./other-tasks"] } }');
  await expect.poll(() => said('configured')).toBe('configured');
});

test('--watch is for a terminal', async () => {
  expect(await home.run('start', '--watch', '--detach')).toMatchObject({
    code: 2,
    err: '--watch cannot be combined with --detach: run it in a terminal.\n',
  });
});

/** What the task says, or its error. One of a type that goes just then waits for a worker that knows it. */
async function said(type = 'hello'): Promise<unknown> {
  const running = client.run({ task_type: type, parameters: {} }, { timeoutMs: 2000 });
  const result = await running.catch((error: Error) => ({ status: 'error' as const, error: error.message }));
  return result.status === 'completed' ? (result.result as { said: unknown }).said : result.error;
}

function write(name: string, content: string): void {
  const file = join(home.folder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** A task file. With `until`, the task runs until there is a file of that name. */
function helloSaying(expression: string): string {
  return `
    import { existsSync } from 'node:fs';
    import { setTimeout as delay } from 'node:timers/promises';
    import { defineTask, type HandlerOf } from '@taskwire/tasks';
    import { z } from 'zod';
    import { word } from '../lib/words/word.ts';
    export const task = defineTask({
      type: 'hello', description: 'd', example: {},
      parameters: z.strictObject({ until: z.string().optional() }), result: z.strictObject({ said: z.string() }),
    });
    export const handler: HandlerOf<typeof task> = async ({ parameters: { until }, taskId, log }) => {
      log(taskId + ' runs');
      while (until && !existsSync(until)) await delay(10);
      return { said: ${expression} };
    };`;
}
