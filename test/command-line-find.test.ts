import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tokenHashOf } from '@taskwire/config';
import { newTaskId } from '@taskwire/protocol';
import { freePort } from '@taskwire/redis';
import { type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { hasPython, onTerminal } from './on-terminal.ts';
import { BIN, runTaskwire } from './run-taskwire.ts';

let stack: Stack;
const folder = mkdtempSync(join(tmpdir(), 'taskwire-find-'));

beforeAll(async () => {
  stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'worker', 'web'],
    env: {
      TASKWIRE_TASKS_FOLDERS: fileURLToPath(new URL('tasks', import.meta.url)),
      TASKWIRE_WEB_PORT: String(await freePort()),
      TASKWIRE_WEB_TOKENS: JSON.stringify({ ops: { token_hash: tokenHashOf('token-of-ops'), role: 'operator' } }),
      TASKWIRE_HISTORY_ENABLED: 'true',
      TASKWIRE_HISTORY_DIRECTORY: folder,
    },
  });
});

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const environment = () => ({ PATH: '/usr/bin:/bin', TASKWIRE_WEB_TOKEN: 'token-of-ops', ...stack.env });
const taskwire = (...args: string[]) => runTaskwire(args, environment());

/** Publishes one and waits for its end. */
async function ended(user_id: number | string | null, request: object): Promise<string> {
  const task_id = newTaskId();
  await stack.publish({ task_id, user_id, ...request });
  await stack.result(task_id);
  await expect.poll(async () => (await taskwire('tasks', 'find', '--id', task_id)).out).toContain(task_id);
  return task_id;
}

const fails = { task_type: 'fail_at_first', parameters: { failures: 0, permanently: true } };

test('finds the failed task of a user, for people and for programs', async () => {
  const id = await ended(7, fails);
  await ended(7, { task_type: 'reverse_string', parameters: { text: 'abc' } });
  const filter = ['--user', '7', '--status', 'error', '--since', 'yesterday'];
  const { code, out } = await taskwire('tasks', 'find', ...filter);
  expect(out).toMatch(
    new RegExp(`^\\S+ \\d\\d:\\d\\d:\\d\\dZ +task_failed +fail_at_first +${id} +user 7 .*there is no way\n$`),
  );
  expect(code).toBe(0);
  const { out: json } = await taskwire('tasks', 'find', ...filter, '--json');
  expect(JSON.parse(json)).toMatchObject({ task_id: id, user_id: 7, error_code: 'task_failed' });
});

test('prints the digits of a user id as they came', async () => {
  const digits = '123456789012345678901234567890';
  await stack.publish(
    `{"task_id":"digits","task_type":"reverse_string","parameters":{"text":"a"},"user_id":${digits}}`,
  );
  const find = async () => (await taskwire('tasks', 'find', '--user', digits, '--json')).out;
  await expect.poll(find).toContain(`"user_id":${digits},`);
  await expect.poll(find).toContain('"status":"completed"');
});

test('says what is wrong with a filter, an answer that cannot come, and a token that is missing', async () => {
  const faulty = await taskwire('tasks', 'find', '--since', 'lately');
  expect(faulty).toMatchObject({ code: 1, err: expect.stringContaining('since: must be a time: 2h,') });
  const nobody = { ...environment(), TASKWIRE_WEB_PORT: String(await freePort()) };
  expect(await runTaskwire(['tasks', 'find'], nobody)).toMatchObject({
    code: 3,
    err: expect.stringMatching(/^The dashboard does not answer at .*: taskwire start runs it, with web.enabled\.\n$/),
  });
  const without = { ...environment(), TASKWIRE_WEB_TOKEN: '' };
  expect(await runTaskwire(['tasks', 'find'], without)).toMatchObject({
    code: 1,
    err: expect.stringContaining('The command takes the token from TASKWIRE_WEB_TOKEN.'),
  });
});

test('retries by id and by filter, and asks nobody where nobody can answer', async () => {
  const id = await ended(20, fails);
  const byId = await taskwire('retry', id, 'no-such-task');
  expect(byId.out).toContain(`✔ retried ${id}; taskwire result ${id} --wait waits for it`);
  expect(byId.out).toContain('not retried no-such-task: There is no task no-such-task');
  expect(byId.code).toBe(4);
  const refused = await taskwire('retry', '--user', '20');
  expect(refused).toMatchObject({ code: 2, err: 'retry 1 task (--user 20)? Say --yes: nobody can be asked here.\n' });
  const retry = () => taskwire('retry', '--user', '20', '--yes', '--json');
  await expect.poll(async () => JSON.parse((await retry()).out)).toMatchObject({ done: 1, not_done: {} });
  expect(await taskwire('retry')).toMatchObject({ code: 2 });
  expect(await taskwire('retry', id, '--user', '20')).toMatchObject({ code: 2 });
  expect(await taskwire('cancel', '--text', '', '--yes')).toMatchObject({ code: 2, err: '--text is blank.\n' });
});

test('a retry by filter names the new ids of tasks whose job is gone', async () => {
  const ids = [await ended(21, fails), await ended(21, fails)];
  const { redis, config } = stack;
  for (const id of ids) await redis.del(await redis.keys(`${config.redis.key_prefix}:*${id}*`));
  const { out, code } = await taskwire('retry', '--user', '21', '--yes');
  expect(out).toMatch(/^retried: 2 tasks\n\S+ as retry-\w{32}\n\S+ as retry-\w{32}\n$/);
  for (const id of ids) expect(out).toContain(`${id} as `);
  expect(code).toBe(0);
});

test.runIf(hasPython())('cancels by filter once a person has agreed', async () => {
  const ids = [newTaskId(), newTaskId()];
  for (const task_id of ids) {
    await stack.publish({ task_id, task_type: 'wait', parameters: {}, user_id: 30, delay_ms: 3_600_000 });
    await stack.event(task_id, 'accepted');
  }
  const command = [process.execPath, BIN, 'cancel', '--user', '30'] as const;
  const question = 'cancel 2 tasks (--user 30)? [y/N]';
  const no = await onTerminal({ command, steps: [[question, 'n\n']], env: environment() });
  expect(no.code).toBe(1);
  expect((await taskwire('tasks', 'find', '--user', '30', '--json')).out).toMatch(/delayed.*\n.*delayed/);
  const yes = await onTerminal({ command, steps: [[question, 'y\n']], env: environment() });
  expect(yes.text).toContain('cancelled: 2 tasks');
  for (const id of ids) expect(await stack.result(id)).toMatchObject({ error_code: 'cancelled' });
});

test('runs an earlier task again in its own process, with its input, and publishes nothing', async () => {
  const id = await ended(40, fails);
  const { redis, config } = stack;
  const results = async () => redis.xlen(`${config.redis.key_prefix}:results`);
  const before = await results();
  const again = await taskwire('rerun', id, '--here');
  expect(again.code).toBe(1);
  expect(again.out).toContain('progress 0.5 half-way\n');
  expect(again.out).toContain('✘ task_failed there is no way\n');
  expect(again.out).toContain('test/tasks/fail-at-first.ts');
  expect(again.out).not.toContain('run-here.ts');
  const parameters = join(folder, 'parameters.json');
  writeFileSync(parameters, '{"failures": 0}');
  const mended = await taskwire('rerun', id, '--here', '--parameters', parameters, '--json');
  expect(JSON.parse(mended.out)).toMatchObject({ status: 'completed', result: { attempt: 1 } });
  expect(await results()).toBe(before);
  expect(await taskwire('rerun', id)).toMatchObject({ code: 2, err: expect.stringContaining('Say --here') });
  const noPort = await taskwire('rerun', id, '--here', '--inspect-brk', 'abc');
  expect(noPort).toMatchObject({ code: 2, err: '--inspect-brk takes the number of a port.\n' });
});

test('a rerun prints what the handler logs, with its fields', async () => {
  const id = await ended(43, { task_type: 'talk', parameters: {} });
  expect((await taskwire('rerun', id, '--here')).out).toContain('warn is torn {"page":1}\n');
});

test('a rerun asks for parameters that are secret', async () => {
  const id = await ended(41, { task_type: 'keep_secret', parameters: { word: 'sesame', how: 'return' } });
  expect(await taskwire('rerun', id, '--here')).toMatchObject({
    code: 2,
    err: 'Of this task, parameters.word is secret and only kept as ⟦masked⟧: give them by --parameters FILE, as JSON.\n',
  });
});

test('a rerun waits for a debugger and stops before the handler', async () => {
  const id = await ended(42, fails);
  const port = await freePort();
  const child = spawn(process.execPath, [BIN, 'rerun', id, '--here', '--inspect-brk', String(port)], {
    env: environment(),
  });
  let err = '';
  child.stderr.on('data', (chunk) => (err += chunk));
  await expect.poll(() => err).toContain('Debugger listening on');
  const socket = new WebSocket(/ws:\S+/.exec(err)?.[0] as string);
  await once(socket, 'open');
  const paused = new Promise((resolve) => {
    socket.onmessage = ({ data }) => String(data).includes('"Debugger.paused"') && resolve(undefined);
  });
  const call = (id: number, method: string) => socket.send(JSON.stringify({ id, method }));
  call(1, 'Debugger.enable');
  call(2, 'Runtime.runIfWaitingForDebugger');
  await paused;
  call(3, 'Debugger.resume');
  const closed = once(child, 'close');
  await expect.poll(() => err).toContain('Waiting for the debugger to disconnect');
  socket.close();
  expect((await closed)[0]).toBe(1);
});

test('forgets a user, names what has not ended, and with --cancel removes that too', async () => {
  const id = await ended('50', fails);
  const open = newTaskId();
  await stack.publish({ task_id: open, task_type: 'wait', parameters: {}, user_id: 50, delay_ms: 3_600_000 });
  await stack.event(open, 'accepted');
  const first = await taskwire('forget', '--user', '50', '--yes');
  expect(first.out).toContain('removed: 1 task of the history\nremoved: 1 stored result\n');
  expect(first.out).not.toMatch(/^removed: 0/m);
  expect(first.out).toContain(
    `not ended, or in a job that has not, so not all removed: ${open}. With --cancel they are cancelled and removed.`,
  );
  expect(first.code).toBe(1);
  const second = await taskwire('forget', '--user', '50', '--yes', '--cancel', '--json');
  expect(JSON.parse(second.out)).toMatchObject({ open: [], removed: { results: 1 } });
  expect((await taskwire('tasks', 'find', '--user', '50')).err).toBe('No task fits.\n');
  expect((await taskwire('result', id)).code).toBe(4);
  const nothing = await taskwire('forget', '--user', '50', '--yes');
  expect(nothing).toMatchObject({ code: 0, out: 'Nothing is known of ended tasks of user 50.\n' });
});
