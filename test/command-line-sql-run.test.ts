import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { BIN, type Ended, runTaskwire } from './run-taskwire.ts';

const ENDLESS = 'select sum(a.range * b.range) as s from range(1000000000) a, range(1000000000) b';

let folder: string;
let stack: Stack;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'taskwire-cli-sql-run-'));
  mkdirSync(join(folder, 'reports'));
  for (const number of [1, 2, 3, 4, 5]) file(`reports/report-${number}.sql`, `select ${number} as n, 'x' as t\n`);
  file('reports/broken.sql', 'select\n  quantty\nfrom (select 1 as quantity)\n');
  stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'sql-worker'],
    env: {
      TASKWIRE_RESULTS_DIRECTORY: join(folder, 'results'),
      TASKWIRE_SQL_CONNECTIONS: JSON.stringify({
        default: { driver: 'duckdb', data_directory: folder, threads: 1 },
        writing: { driver: 'duckdb', file: join(folder, 'own.duckdb'), read_only: false, threads: 1 },
      }),
    },
  });
});

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

function environment(more: object = {}): NodeJS.ProcessEnv {
  return { PATH: '/usr/bin:/bin', ...stack.env, ...more };
}

function sql(args: readonly string[], more: object = {}): Promise<Ended> {
  return runTaskwire(['sql', ...args], environment(more));
}

test('looks names up in the schema that the command names', async () => {
  const where = ['--connection', 'writing', '--concurrency', '1'];
  const created = await sql(['create schema apart', 'create table apart.items as select 7 as seven', ...where]);
  expect(created.code).toBe(0);
  expect(await sql(['from items', ...where, '--schema', 'apart', '--format', 'csv'])).toMatchObject({
    ...{ code: 0, out: 'seven\n7\n' },
  });
  const refused = await sql(['from items', ...where, '--catalog', 'own']);
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('parameters.catalog: is not for DuckDB') });
});

test('runs many files, shows what each brings, and exits with 1 because two fail', async () => {
  const reports = readdirSync(join(folder, 'reports')).map((name) => join(folder, 'reports', name));
  const { code, out, err } = await sql([...reports, 'select 7 as seven', 'select 1; select 2', '--concurrency', '3']);
  expect(code).toBe(1);
  for (const number of [1, 2, 3, 4, 5]) {
    expect(out).toContain(`report-${number}\nn  t\n${number}  x\n`);
    expect(err).toMatch(new RegExp(`^✔ report-${number}: 1 row, [\\d.]+ m?s \\(task [\\w-]+\\)$`, 'm'));
  }
  expect(out).toContain('query-7\nseven\n    7\n');
  expect(out).not.toContain('broken');
  expect(err).toMatch(/^✘ broken: task_failed/m);
  expect(err).toContain(`broken.sql, line 2\n    quantty\n    ^\n`);
  expect(err).toMatch(/^✘ query-8: task_failed.*\nThe query has 2 statements; send one at a time$/m);
  expect(err).toMatch(/^6 completed, 2 failed; 6 rows in /m);
});

test('has so many under way at a time as it is told', async () => {
  const from = stack.recorder.all.length;
  const { code } = await sql(['select 1', 'select 2', 'select 3', '--concurrency', '1']);
  expect(code).toBe(0);
  const events = stack.recorder.all.slice(from).map(({ message }) => message.event);
  const told = events.filter((event) => event === 'accepted' || event === 'finished');
  expect(told).toEqual(['accepted', 'finished', 'accepted', 'finished', 'accepted', 'finished']);
});

test('writes a file for each query, of all rows, in each format', async () => {
  const query = file('many.sql', 'select range as n, nullif(range, 1) as gap from range(1500) order by n');
  const out = join(folder, 'out');
  const write = async (format: string) => {
    const { code, out: printed } = await sql([query, '--out', out, '--format', format]);
    expect(code).toBe(0);
    const [, path = ''] = /^(.*): 1,[05]00 rows, [\d,]+ bytes\n$/.exec(printed) ?? [];
    return readFileSync(path);
  };
  const [csv, json, ndjson, parquet, table, markdown] = await Promise.all(
    ['csv', 'json', 'ndjson', 'parquet', 'table', 'markdown'].map(write),
  );
  expect(String(csv).split('\n').slice(0, 3)).toEqual(['n,gap', '0,0', '1,']);
  expect(String(csv).trim().split('\n')).toHaveLength(1501);
  expect(JSON.parse(String(json))).toHaveLength(1500);
  expect(JSON.parse(String(ndjson).trim().split('\n')[1499] as string)).toEqual({ n: 1499, gap: 1499 });
  expect(parquet?.subarray(0, 4).toString()).toBe('PAR1');
  expect(String(table)).toMatch(/^ +n +gap\n +0 +0\n +1 {2}NULL\n/);
  expect(String(table)).toContain(
    '(the first 1,000 rows; there are more: --format csv or --out FOLDER writes them all)',
  );
  expect(String(markdown)).toContain('| ---: | ---: |\n| 0 | 0 |\n| 1 | NULL |\n');
  expect(readdirSync(out).toSorted()).toEqual(
    ['csv', 'json', 'md', 'ndjson', 'parquet', 'txt'].map((extension) => `many.${extension}`),
  );

  // Again: the file is replaced. A statement that fails leaves it, and is no file.
  file('many.sql', 'select 1 as one');
  const again = await sql([query, 'select nothing', '--out', out]);
  expect(again).toMatchObject({ code: 1, out: `${join(out, 'many.csv')}: 1 row, 6 bytes\n` });
  expect(readFileSync(join(out, 'many.csv'), 'utf8')).toBe('one\n1\n');
  expect(readdirSync(out).filter((name) => name.startsWith('query'))).toEqual([]);
  expect(again.err).not.toContain('earlier run');
  file('many.sql', 'select nothing');
  const failed = await sql([query, '--out', out]);
  mkdirSync(join(out, 'folder.csv'));
  const unwritten = await sql([file('folder.sql', 'select 1'), 'select 2', '--out', out]);
  expect(unwritten.code).toBe(1);
  expect(unwritten.err).toContain(`The rows cannot be written to ${join(out, 'folder.csv')}: EISDIR`);
  expect(unwritten.err).toMatch(/^1 completed, 1 not written; 1 row in /m);
  expect(failed.err).toContain(`${join(out, 'many.csv')} is from an earlier run\n`);
  expect(readFileSync(join(out, 'many.csv'), 'utf8')).toBe('one\n1\n');
});

test('a statement without a file replaces no file of an earlier one', async () => {
  const out = join(folder, 'ad-hoc');
  for (const query of ['select 1 as n', 'select 2 as n']) await sql([query, '--out', out, '--bom', '--format', 'csv']);
  const names = readdirSync(out);
  expect(names).toEqual([expect.stringMatching(/^query-1-[\da-f]{8}\.csv$/), expect.stringMatching(/^query-1-/)]);
  const texts = names.map((name) => readFileSync(join(out, name), 'utf8'));
  expect(texts.toSorted()).toEqual(['\ufeffn\n1\n', '\ufeffn\n2\n']);
});

test('`result` gives the rows in any format, to a folder too', async () => {
  const { err } = await sql(["select range as n, 'ü' as t from range(3)"]);
  const [, taskId = ''] = /\(task ([\w-]+)\)/.exec(err) ?? [];
  const result = (...args: string[]) => runTaskwire(['result', taskId, ...args], environment());
  expect(await result('--format', 'csv')).toMatchObject({ code: 0, out: 'n,t\n0,ü\n1,ü\n2,ü\n' });
  const out = join(folder, 'later');
  expect(await result('--out', out, '--bom')).toMatchObject({ code: 0 });
  expect(readFileSync(join(out, `${taskId}.csv`), 'utf8')).toBe('\ufeffn,t\n0,ü\n1,ü\n2,ü\n');
  expect(await result('--format', 'markdown')).toMatchObject({ out: expect.stringContaining('| 2 | ü |') });
  expect(await result('--format', 'parquet')).toMatchObject({
    code: 1,
    err: expect.stringContaining('--format parquet'),
  });
  expect(await result('--format', 'csv', '--json')).toMatchObject({ code: 2 });
  expect(await result('--format', 'json', '--bom')).toMatchObject({
    code: 2,
    err: expect.stringContaining('--bom is for'),
  });
});

test('prints the rows of one query as they are, all of them', async () => {
  const rows = await sql(['--format', 'csv', "select range as n, '' as empty, null as nothing from range(2000)"]);
  expect(rows.code).toBe(0);
  expect(rows.out.split('\n').slice(0, 2)).toEqual(['n,empty,nothing', '0,"",']);
  expect(rows.out.trim().split('\n')).toHaveLength(2001);
});

test('prints a line of JSON for each query, as on the wire', async () => {
  const { code, out } = await sql(['--json', 'select 1 as n', 'select nothing']);
  expect(code).toBe(1);
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toContainEqual(
    expect.objectContaining({
      status: 'completed',
      metadata: { name: 'query-1' },
      result: expect.objectContaining({ rows: [{ n: 1 }] }),
    }),
  );
  expect(lines).toContainEqual(expect.objectContaining({ status: 'error', metadata: { name: 'query-2' } }));
  expect(lines).toHaveLength(2);
});

test('says how many rows a statement without any has changed, and later the same by `result`', async () => {
  const connection = ['--connection', 'writing'];
  expect(await sql([...connection, 'create table t as select range as n from range(5)'])).toMatchObject({ code: 0 });
  const { code, out, err } = await sql([...connection, 'update t set n = n + 1 where n > 2']);
  expect({ code, out }).toEqual({ code: 0, out: '2 rows changed\n' });
  const [, taskId = ''] = /\(task ([\w-]+)\)/.exec(err) ?? [];
  const later = await runTaskwire(['result', taskId], environment());
  expect(later.out).toMatch(/^✔ completed sql_query .*\n2 rows changed\n$/);
});

test('runs what standard input asks for', async () => {
  const child = spawn(process.execPath, [BIN, 'sql', '-', '--format', 'csv'], { env: environment() });
  child.stdin.end("select * from (values ('Nord', 12.5::decimal(5, 2)), ('Süd', 3)) t(region, sold)");
  let out = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  expect((await once(child, 'close'))[0]).toBe(0);
  expect(out).toBe('region,sold\nNord,12.50\nSüd,3.00\n');
});

test('ends quietly when nobody reads on, with the code that shells expect', async () => {
  const piped = async (args: string, reader: string) => {
    const script = `{ "${process.execPath}" "${BIN}" sql ${args}; echo "exit code $?" >&2; } | ${reader}`;
    return promisify(execFile)('sh', ['-c', script], { env: environment() });
  };
  const [rows, table, json] = await Promise.all([
    piped("--format csv 'select range as n from range(500000)'", 'head -n 2'),
    piped("'select 1 as n'", 'true'),
    piped(`--json 'select 1' "${ENDLESS}" 'select 2'`, 'true'),
  ]);
  expect(rows.stdout).toBe('n\n0\n');
  expect(rows.stderr).toMatch(/^✔ query-1: 500,000 rows[^\n]*\nexit code 141\n$/);
  expect(table.stderr).toMatch(/^✔ query-1: 1 row,[^\n]*\nexit code 141\n$/);
  expect(json.stderr).toMatch(/^(✔ query-[13]: [^\n]*\n){1,2}exit code 141\n$/);
  // Nobody has said that it is to be cancelled.
  const toldOf = (event: string) =>
    stack.recorder.all.flatMap(({ message }) => (message.event === event ? [message.task_id as string] : []));
  const open = () => toldOf('started').filter((id) => !toldOf('finished').includes(id));
  await expect.poll(open).toHaveLength(1);
  const [endless = ''] = open();
  await stack.cancel(endless);
  expect(await stack.result(endless)).toMatchObject({ error_code: 'cancelled' });
});

test('says what is wrong, and by its exit code whose fault it is', async () => {
  const nobody = { TASKWIRE_REDIS_CHANNELS_TASKS_QUEUE: 'nobody' };
  const [endless, stranger, alone] = await Promise.all([
    sql([ENDLESS, '--timeout', '0.5']),
    sql(['select 1', '--connection', 'nowhere']),
    sql(['select 1', 'select 2', '--publish'], nobody),
  ]);
  expect(endless).toMatchObject({ code: 1, out: '' });
  expect(endless.err).toMatch(/^✘ query-1: timeout, /m);
  expect(stranger).toMatchObject({ code: 1, err: expect.stringContaining('there is no connection "nowhere"') });
  expect(alone).toMatchObject({ code: 3, out: '' });
  expect(alone.err).toMatch(/^Nobody listens on the channel "nobody"[^\n]*\n$/);
});
