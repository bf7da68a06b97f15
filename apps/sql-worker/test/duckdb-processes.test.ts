import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { newTaskId } from '@taskwire/protocol';
import { type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

let folder: string;
let stack: Stack;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taskwire-duckdb-'));
  const file = join(folder, 'written.duckdb');
  const read = await DuckDBInstance.create(join(folder, 'read.duckdb'));
  await (await read.connect()).run('create table items (n int)');
  read.closeSync();
  const connections = {
    default: { driver: 'duckdb', data_directory: folder, threads: 1, memory_limit_mb: 128 },
    hurried: { driver: 'duckdb', data_directory: folder, threads: 1, timeout_ms: 300 },
    written: { driver: 'duckdb', file, read_only: false, threads: 1 },
    read: { driver: 'duckdb', file: join(folder, 'read.duckdb'), data_directory: folder, threads: 1 },
    also_written: { driver: 'duckdb', file, read_only: false, threads: 1 },
  };
  stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'sql-worker'],
    env: {
      TASKWIRE_SQL_CONNECTIONS: JSON.stringify(connections),
      TASKWIRE_RESULTS_DIRECTORY: join(folder, 'results'),
      TASKWIRE_SQL_WORKER_CONCURRENCY: '3',
    },
  });
});

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  // Closed properly, a database file needs no log of changes beside it.
  expect((await readdir(folder)).filter((name) => name.endsWith('.wal'))).toEqual([]);
  await rm(folder, { recursive: true });
});

interface Given {
  timeout_ms?: number;
  attempts?: number;
  connection?: string | undefined;
  format?: string;
  max_rows?: number;
}

async function submit(query: string, { timeout_ms, attempts, ...parameters }: Given = {}) {
  const task_id = newTaskId();
  await stack.publish({ task_id, task_type: 'sql_query', parameters: { query, ...parameters }, timeout_ms, attempts });
  return task_id;
}

const answer = async (query: string, given: Given = {}) => stack.result(await submit(query, given));
const rowsOf = async (query: string, connection: string) => {
  const { result } = (await answer(query, { connection })) as { result?: { rows?: unknown } };
  return result?.rows;
};

/** Runs for an hour, and cannot be interrupted. */
const DEAF = "select levenshtein(repeat('a', 1000000), repeat('b', 1000000))";
/** Runs for days. */
const ENDLESS = 'select sum(a.range * b.range) as s from range(1000000000) a, range(1000000000) b';
const CRASH = "select json_structure(repeat('[',100000)||repeat(']',100000))";

/** The processes with statements under way that burn time, by the clock of the system. */
async function busyProcesses(): Promise<number> {
  const ticks = async () => {
    const children = await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8');
    const each = children
      .split(' ')
      .filter(Boolean)
      .map(async (pid) => {
        const fields = (await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')).split(') ')[1]?.split(' ') ?? [];
        return [pid, Number(fields[11])] as const;
      });
    return new Map(await Promise.all(each));
  };
  const before = await ticks();
  await new Promise((resolve) => setTimeout(resolve, 300));
  return [...(await ticks())].filter(([pid, now]) => now - (before.get(pid) ?? now) > 5).length;
}

test('a statement that crashes the engine is its own error, at once, and nobody else notices', async () => {
  const beside = await submit('select count(*) as c from range(300000000) where hash(range) % 7 = 1');
  await stack.event(beside, 'started');
  expect(await answer(CRASH, { attempts: 3 })).toMatchObject({
    status: 'error',
    error_code: 'task_failed',
    error: 'The engine crashed (SIGSEGV) while it ran the statement; no other was affected',
    error_details: [{ path: 'parameters.query' }],
    attempts: 1,
  });
  expect(await stack.result(beside)).toMatchObject({ status: 'completed', attempts: 1 });
  expect(await rowsOf('select 1 as a', 'default')).toEqual([{ a: 1 }]);
});

test('a statement that takes memory beyond all measure ends, and is told which setting bounds it', async () => {
  expect(await answer('select len(range(1000000000))', { attempts: 3 })).toMatchObject({
    status: 'error',
    error_code: 'task_failed',
    error: 'The statement took more than 640 MB of memory and was ended: memory_limit_mb is 128',
    attempts: 1,
  });
});

test.each([
  ['the task', 'default', 500, 'The task did not end within 500 ms'],
  ['the connection', 'hurried', undefined, 'within 300 ms, the limit of the connection hurried'],
])(
  'a statement that the engine cannot interrupt ends with the time of %s',
  async (_, connection, timeout_ms, error) => {
    const result = await answer(DEAF, { connection, ...(timeout_ms && { timeout_ms }) });
    expect(result).toMatchObject({ status: 'error', error_code: 'timeout', error: expect.stringContaining(error) });
    await expect.poll(busyProcesses).toBe(0);
  },
);

test('a cancelled statement that the engine cannot interrupt ends, with what it had written', async () => {
  const query = "select range, levenshtein(repeat('a', 1000000 + range::int), repeat('b', 1000000)) from range(9)";
  const task_id = await submit(query, { format: 'csv' });
  const written = () => readdir(join(folder, 'results')).catch(() => []);
  await expect.poll(written).toEqual([expect.stringMatching(/\.export$/)]);
  await stack.cancel(task_id);
  expect(await stack.result(task_id)).toMatchObject({ status: 'error', error_code: 'cancelled' });
  await expect.poll(busyProcesses).toBe(0);
  await expect.poll(written).toEqual([]);
});

test('no statement waits until another is parsed', async () => {
  const long = await submit(`select ${'true and '.repeat(116_000)} true as t`);
  await stack.event(long, 'started');
  expect(await rowsOf('select 1 as a', 'default')).toEqual([{ a: 1 }]);
  expect(stack.recorder.all.filter(({ message }) => message.task_id === long && message.status)).toEqual([]);
  await stack.cancel(long);
  await stack.result(long);
});

test('a large result goes to a file, a small one into the message', async () => {
  const large = await answer('select range as n from range(100000)', { max_rows: 100_000 });
  expect(large).toMatchObject({ result: { row_count: 100_000, file: { format: 'ndjson', rows: 100_000 } } });
  const small = await answer("select 'a\u2028\"b\\' as t, 9007199254740993 as big");
  expect(small).toMatchObject({ result: { rows: [{ t: 'a\u2028"b\\', big: '9007199254740993' }], row_count: 1 } });
});

describe('a file that is opened for writing', () => {
  test('has one process, in which the statements of all its connections run one after another', async () => {
    expect(await answer('create table items (n int)', { connection: 'written' })).toMatchObject({
      status: 'completed',
    });
    const connections = ['written', 'also_written'];
    const inserts = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        answer(`insert into items values (${n})`, { connection: connections[n % 2] }),
      ),
    );
    expect(inserts.filter(({ status }) => status !== 'completed')).toEqual([]);
    expect(await rowsOf('select sum(n) as s from items', 'also_written')).toEqual([{ s: 190 }]);
  });

  test('makes nobody else wait, and loses nothing when a statement ends by force', async () => {
    const under = { connection: 'written' };
    const endless = await submit(ENDLESS, under);
    await stack.event(endless, 'started');
    const waiting = await Promise.all(
      Array.from({ length: 5 }, (_, n) => submit(`insert into items values (${1000 + n})`, under)),
    );
    for (let n = 0; n < 3; n += 1) expect(await rowsOf('select 1 as a', 'default')).toEqual([{ a: 1 }]);
    await stack.cancel(endless);
    await Promise.all(waiting.map((task_id) => stack.result(task_id)));
    expect(await answer(CRASH, under)).toMatchObject({ error: expect.stringContaining('SIGSEGV') });
    expect(await rowsOf('select count(*) as c from items where n >= 1000', 'written')).toEqual([{ c: 5 }]);
  });
});

describe('a file that is only read', () => {
  test('is open in several processes, and a long statement keeps no other waiting', async () => {
    const endless = await submit(ENDLESS, { connection: 'read' });
    await stack.event(endless, 'started');
    expect(await rowsOf('select 1 as a', 'read')).toEqual([{ a: 1 }]);
    await stack.cancel(endless);
    await stack.result(endless);
  });

  test('is opened again after an error that breaks it', async () => {
    const broken = await answer(`from '${join(folder, 'read.duckdb')}'`, { connection: 'read' });
    expect(broken).toMatchObject({ error_details: [{ code: 'INTERNAL' }] });
    expect(await rowsOf('select 1 as a', 'read')).toEqual([{ a: 1 }]);
  });
});
