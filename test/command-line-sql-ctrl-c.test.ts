import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Recorded, type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { hasPython, onTerminal, type Step } from './on-terminal.ts';
import { BIN } from './run-taskwire.ts';

const folder = mkdtempSync(join(tmpdir(), 'taskwire-cli-sql-ctrl-c-'));
const ENDLESS = 'select sum(a.range * b.range) as s from range(1000000000) a, range(1000000000) b';
const endless = [join(folder, 'endless-1.sql'), join(folder, 'endless-2.sql')];
let stack: Stack;

beforeAll(async () => {
  for (const path of endless) writeFileSync(path, ENDLESS);
  stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'sql-worker'],
    env: {
      TASKWIRE_RESULTS_DIRECTORY: join(folder, 'results'),
      TASKWIRE_SQL_CONNECTIONS: JSON.stringify({ default: { driver: 'duckdb', threads: 1 } }),
    },
  });
});

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function environment(): NodeJS.ProcessEnv {
  return { PATH: '/usr/bin:/bin', ...stack.env };
}

function sqlOnTerminal(args: readonly string[], steps: readonly Step[]) {
  return onTerminal({ command: [process.execPath, BIN, 'sql', ...args], steps, env: environment() });
}

/** Resolves with the ids of tasks that start from now on, when there are so many. */
function nextToStart(count: number): Promise<string[]> {
  const isStart = ({ message }: Recorded) => message.event === 'started';
  const before = stack.recorder.all.filter(isStart).length;
  const started = () =>
    stack.recorder.all
      .filter(isStart)
      .slice(before)
      .map(({ message }) => message.task_id as string);
  return expect.poll(started).toHaveLength(count).then(started);
}

async function cancelled(ids: readonly string[]): Promise<void> {
  for (const id of ids) await stack.cancel(id);
  for (const id of ids) expect(await stack.result(id)).toMatchObject({ error_code: 'cancelled' });
}

test('without a terminal, Ctrl-C leaves the queries running and says how to find them again', async () => {
  const starting = nextToStart(1);
  const args = [BIN, 'sql', endless[0] as string, 'select 2', '--concurrency', '1'];
  const child = spawn(process.execPath, args, { env: environment() });
  let err = '';
  child.stderr.on('data', (chunk) => (err += chunk));
  const [id = ''] = await starting;
  child.kill('SIGINT');
  expect((await once(child, 'close'))[0]).toBe(130);
  expect(err).toContain('0 completed, 1 left running, 1 not started');
  expect(err).toContain(`taskwire result ${id} --wait  # endless-1\n`);
  expect(err).toContain(`taskwire cancel ${id}\n`);
  await cancelled([id]);
});

describe.skipIf(!hasPython())('on a terminal', () => {
  const CTRL_C = '\u0003';

  test('a line says of each query how it fares; Ctrl-C asks; c cancels what is under way and submits no more', async () => {
    const starting = nextToStart(2);
    const { code, text } = await sqlOnTerminal(
      [...endless, 'select 3', '--concurrency', '2'],
      [
        ['endless-2  running', CTRL_C],
        ['press c to cancel the queries, l to leave them running', 'c'],
      ],
    );
    expect(code).toBe(130);
    expect(text).toMatch(/^endless-1 +(submitted|queued|running) +\d+ s\nendless-2 /m);
    expect(text).toMatch(/^✘ endless-1: cancelled/m);
    expect(text).toMatch(/^0 completed, 2 cancelled, 1 not started; /m);
    for (const id of await starting) expect(await stack.result(id)).toMatchObject({ error_code: 'cancelled' });
  });

  test('Enter waits on, and l leaves them running', async () => {
    const starting = nextToStart(2);
    const { code, text } = await sqlOnTerminal(endless, [
      ['endless-2  running', CTRL_C],
      ['Enter to keep waiting', '\r'],
      ['endless-2  running', CTRL_C],
      ['Enter to keep waiting', 'l'],
    ]);
    const ids = await starting;
    expect(code).toBe(130);
    expect(text).toMatch(/^0 completed, 2 left running; /m);
    for (const id of ids) expect(text).toContain(`taskwire result ${id} --wait`);
    await cancelled(ids);
  });

  test('a statement that was typed ends standard input: Ctrl-C leaves it, for no answer could come', async () => {
    const starting = nextToStart(1);
    const { code, text } = await sqlOnTerminal(
      ['-'],
      [
        ['', `${ENDLESS}\n\u0004`],
        ['query-1  running', CTRL_C],
      ],
    );
    const [id = ''] = await starting;
    expect(code).toBe(130);
    expect(text).not.toContain('press c');
    expect(text).toContain(`taskwire result ${id} --wait`);
    await cancelled([id]);
  });

  test('asks also while rows are on their way to somebody who does not read them, and stops there', async () => {
    const fifo = join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const script = 'exec 3<>"$1"; exec "$2" "$3" sql --format csv "select range from range(1000000)" >&3';
    const { code, text } = await onTerminal({
      command: ['/bin/sh', '-c', script, 'sh', fifo, process.execPath, BIN],
      steps: [
        ['1,000,000 rows', CTRL_C],
        ['press c to cancel the queries', 'l'],
      ],
      env: environment(),
    });
    expect(code).toBe(130);
    expect(text).toMatch(/^✘ query-1: It was stopped before all of its rows were written: taskwire result [\w-]+$/m);
    expect(text).toMatch(/^0 completed, 1 not shown; 0 rows in /m);
  });

  test('says which awaited text did not come', async () => {
    const session = { command: ['/bin/echo', 'something'], steps: [['something else', '']], env: {} } as const;
    await expect(onTerminal(session)).rejects.toThrow(
      '"something else" did not come; exit code 0, and this was seen:\nsome',
    );
  });

  test('shows rows below the line that says that a query has ended, and a summary', async () => {
    const { code, text } = await sqlOnTerminal(['select 1 as one', 'select nothing'], []);
    expect(code).toBe(1);
    expect(text).toMatch(/^✔ query-1: 1 row, [\d.]+ m?s\none\n {2}1\n/m);
    expect(text).toMatch(/^✘ query-2: task_failed/m);
    expect(text).toMatch(/^1 completed, 1 failed; 1 row in /m);
  });
});
