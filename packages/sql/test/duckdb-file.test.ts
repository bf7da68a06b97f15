import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import { openDriver, type SqlDriver } from '../src/index.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'sql-file-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

interface FileOptions {
  readOnly?: boolean;
  idleMs?: number;
  dataDirectory?: string;
}

async function openFile(path: string, { readOnly = false, idleMs = 60_000, ...more }: FileOptions = {}) {
  const database = { path, readOnly, idleMs };
  const driver = await openDriver({ driver: 'duckdb', database, memoryLimitMb: 256, threads: 2, ...more });
  onTestFinished(() => driver[Symbol.asyncDispose]());
  return driver;
}

async function withTable(path: string): Promise<void> {
  await using driver = await openFile(path);
  await ask(driver, 'create table items as select range as n from range(5)');
}

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
const sum = (driver: SqlDriver) => ask(driver, 'select sum(n) as s from items').then(({ rows }) => rows);

test('what was written is there for the next driver', async () => {
  const path = join(await folder(), 'a.duckdb');
  await withTable(path);
  expect(await sum(await openFile(path, { readOnly: true }))).toEqual([{ s: 10 }]);
});

test('several statements at once see one database', async () => {
  const driver = await openFile(join(await folder(), 'a.duckdb'));
  await ask(driver, 'create table items (n int)');
  await Promise.all(
    Array.from({ length: 20 }, (_, n) => ask(driver, 'insert into items values (?)', { parameters: [n] })),
  );
  expect(await sum(driver)).toEqual([{ s: 190 }]);
});

test('the schema of a statement is one of the database, whatever else has its name', async () => {
  const path = join(await folder(), 'a.duckdb');
  await withTable(path);
  const driver = await openFile(path);
  await ask(driver, 'create schema "Odd""name"');
  await ask(driver, 'create table items as select 7 as n', { schema: 'Odd"name' });
  await ask(driver, 'create macro current_catalog() as 5');
  expect((await ask(driver, 'select n from items', { schema: 'Odd"name' })).rows).toEqual([{ n: 7 }]);
  expect(await sum(driver)).toEqual([{ s: 10 }]);
  // The first two are catalogs.
  for (const schema of ['a', 'temp', 'no_such', 'main.items']) {
    await expect(ask(driver, 'select 1', { schema })).rejects.toMatchObject({ code: 'failed', engineCode: 'Catalog' });
  }
});

test('a file that is opened for reading only is never written to', async () => {
  const path = join(await folder(), 'a.duckdb');
  await withTable(path);
  const driver = await openFile(path, { readOnly: true });
  await expect(ask(driver, 'delete from items')).rejects.toMatchObject({ code: 'not_allowed' });
  expect(await sum(driver)).toEqual([{ s: 10 }]);
});

test.each([
  "copy items to 'out.csv'",
  "attach ':memory:' as other",
  'set threads = 1',
  'begin',
  'commit',
  "export database 'out'",
  'install httpfs',
  "create table t as from 'secret.csv'",
  'insert into items values (1); select 2',
  'prepare p as select 1',
  "pragma enable_profiling = 'json'",
  'call enable_logging()',
  'use items',
  'detach a',
  'checkpoint',
  'alter database a set alias to b',
  'alter\u200bdatabase a set alias to b',
  'create secret s (type http)',
  'create or replace persistent secret s (type http)',
  'create\u2060or/* /* */ table */replace secret s (type http)',
  'drop secret s',
  "-- \rexport database 'out' --\ninsert into items values (1)",
  "/* /* */ insert */ export database 'out'",
])('a writable file opens nothing beyond itself: %s', async (query) => {
  const directory = await folder();
  await writeFile(join(directory, 'secret.csv'), 'a\n1\n');
  const path = join(directory, 'a.duckdb');
  await withTable(path);
  const driver = await openFile(path);
  await expect(ask(driver, query.replaceAll("'out", `'${directory}/out`))).rejects.toMatchObject({
    name: expect.stringMatching('SqlError'),
  });
  expect(await sum(driver)).toEqual([{ s: 10 }]);
});

test('files of a data folder can be read beside it, by absolute paths', async () => {
  const directory = await folder();
  await writeFile(join(directory, 'cities.csv'), 'city\nBern\n');
  const driver = await openFile(join(directory, 'a.duckdb'), { dataDirectory: directory });
  expect((await ask(driver, `from '${directory}/cities.csv'`)).rows).toEqual([{ city: 'Bern' }]);
});

test('says in plain words that the file is not there', async () => {
  const driver = await openFile(join(await folder(), 'none.duckdb'), { readOnly: true });
  await expect(driver.check(new AbortController().signal)).rejects.toMatchObject({
    code: 'connection',
    fault: 'not_found',
    message: expect.stringMatching(/There is no database file .*none\.duckdb/),
  });
});

test('says in plain words that the file is no database', async () => {
  const path = join(await folder(), 'a.duckdb');
  await writeFile(path, 'x'.repeat(10_000));
  await expect(ask(await openFile(path), 'select 1')).rejects.toMatchObject({
    code: 'connection',
    fault: 'unavailable',
  });
});

test('tells of a file that another process writes to, and opens it when that is done', async () => {
  const path = join(await folder(), 'a.duckdb');
  await withTable(path);
  const script = `
    import { DuckDBInstance } from '@duckdb/node-api';
    await (await DuckDBInstance.create(${JSON.stringify(path)})).connect();
    process.send('open');
    setInterval(() => undefined, 1000);`;
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
  const other = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: [...stdio],
    cwd: import.meta.dirname,
  });
  await once(other, 'message');
  const driver = await openFile(path, { readOnly: true });
  await expect(sum(driver)).rejects.toMatchObject({ code: 'connection', fault: 'busy' });
  other.kill('SIGKILL');
  await once(other, 'exit');
  expect(await sum(driver)).toEqual([{ s: 10 }]);
});

test('lets others have the file when it was idle for a while', async () => {
  const path = join(await folder(), 'a.duckdb');
  await withTable(path);
  const driver = await openFile(path, { idleMs: 0 });
  expect(await sum(driver)).toEqual([{ s: 10 }]);
  expect(await sum(driver)).toEqual([{ s: 10 }]);
});

test('ends what is running when the driver is closed', async () => {
  const driver = await openFile(join(await folder(), 'a.duckdb'));
  const endless = ask(driver, 'select count(*) from range(1000000000) a, range(1000000000) b');
  const rejected = expect(endless).rejects.toMatchObject({ code: 'cancelled' });
  await ask(driver, 'select 1');
  await driver[Symbol.asyncDispose]();
  await rejected;
});

test('two connections of a process share a file, so that neither loses what the other has written', async () => {
  const path = join(await folder(), 'a.duckdb');
  const [one, other] = [await openFile(path), await openFile(path)];
  await ask(one, 'create table items (n int)');
  for (const driver of [one, other]) await ask(driver, 'insert into items select range from range(1000)');
  expect((await ask(other, 'select count(*) as c from items')).rows).toEqual([{ c: 2000 }]);
  await one[Symbol.asyncDispose]();
  expect((await ask(other, 'select count(*) as c from items')).rows).toEqual([{ c: 2000 }]);
  await other[Symbol.asyncDispose]();
  expect((await ask(await openFile(path), 'select count(*) as c from items')).rows).toEqual([{ c: 2000 }]);
});

test('two connections of a process cannot use a file with different settings', async () => {
  const directory = await folder();
  const path = join(directory, 'a.duckdb');
  await withTable(path);
  await symlink(path, join(directory, 'link.duckdb'));
  await openFile(path);
  await expect(openFile(join(directory, 'link.duckdb'), { readOnly: true })).rejects.toThrow(
    /another connection uses the file .* read_only, .* must be the same/,
  );
});

test.each([
  "create table t as from enable_logging(storage := 'file', storage_path := 'x')",
  'create view v as select * from enable_profiling()',
  'create macro m() as table select * from "enable_logging" /* x */ ()',
  "insert into items select 1 from query('select 1')",
  'create table t as from json_execute_serialized_sql(json_serialize_sql($$select 1$$))',
  'create table t as from enable_logging()',
  "insert into items from duckdb_logs_parsed('QueryLog')",
  "insert into items select 'query(' from items i join system.main.query('select 1') q on true",
  "delete from items using query -- (\n ('select 1') q",
  'update items set n = 1 from items i, lateral /* /* ( */ */ query($$select 1$$)',
  "insert into items pivot query('select 1 as a') on a in (1) using sum(a)",
  'create table t as from e: "Enable_Logging"()',
  `insert into items values ${"('query (1)'), ".repeat(25)} ((select a from query('select 1 as a')))`,
])('a writable file gives no way to functions with effects: %s', async (query) => {
  const driver = await openFile(join(await folder(), 'a.duckdb'));
  await ask(driver, 'create table items (n int)');
  await expect(ask(driver, query)).rejects.toMatchObject({ code: 'not_allowed' });
});

test('no character that DuckDB takes for a blank hides a call of a function with effects', async () => {
  const driver = await openFile(join(await folder(), 'a.duckdb'));
  for (const code of [9, 10, 12, 13, 0xa0, ...range(0x2000, 0x200f), 0x202f, 0x205f, 0x2060, 0x3000, 0xfeff]) {
    const query = `create table t as from duckdb_logs${String.fromCodePoint(code)}()`;
    const outcome = await ask(driver, query).catch((thrown: unknown) => thrown);
    // What is no blank is a letter of another name.
    expect(outcome, code.toString(16)).toMatchObject({ message: expect.stringMatching(/is not allowed|syntax error/) });
  }
});

test.each([
  "insert into items values ('the query (2)')",
  "insert into items values (e'it\\'s the query (2)') -- query (3)",
  `insert into items values ${"('query (1)'), ".repeat(30)} ('') -- query (2)`,
  'create table query(a int)',
  'create table "query" (a int, b varchar)',
  'insert into query(n) values (1)',
  'with query (a) as (select 1) insert into items select a::varchar from query',
  'alter table items add column c timestamp default now()',
  'create table wide as pivot items on n in (1) using count(*)',
  'create or replace temp macro twice(a) as a * 2',
  'create unique index i on items (n)',
  'comment on table items is $$query ()$$',
])('a writable file takes what only looks like such a call: %s', async (query) => {
  const driver = await openFile(join(await folder(), 'a.duckdb'));
  await ask(driver, 'create table items (n varchar)');
  if (query.startsWith('insert into query')) await ask(driver, 'create table query (n int)');
  await ask(driver, query);
});

test.each([
  'insert into items values (1)',
  'delete from items',
  'update items set n = 2',
  'pivot items on n using count(*)',
])('EXPLAIN shows how a writable file would do what it does not do then: %s', async (query) => {
  const path = join(await folder(), 'a.duckdb');
  await withTable(path);
  const driver = await openFile(path);
  expect((await ask(driver, `/* a */ explain ${query}`)).rows).toHaveLength(1);
  expect(await sum(driver)).toEqual([{ s: 10 }]);
});

test('a PIVOT on a file finds its values, for reading and for writing', async () => {
  const path = join(await folder(), 'a.duckdb');
  await withTable(path);
  for (const readOnly of [false, true]) {
    await using driver = await openFile(path, { readOnly });
    const { rows } = await ask(driver, 'pivot (from items where n > 2) on n using count(*)');
    expect(rows).toEqual([{ 3: 1, 4: 1 }]);
  }
});

test.each(['temp table', 'or replace temporary view', 'local temp table'])(
  'refuses what would be gone: create %s',
  async (what) => {
    const driver = await openFile(join(await folder(), 'a.duckdb'));
    await expect(ask(driver, `create ${what} x as select 1 as a`)).rejects.toThrow(
      'would be gone when its statement has ended',
    );
  },
);

test('a statement that DuckDB makes several of is done as a whole', async () => {
  const driver = await openFile(join(await folder(), 'a.duckdb'));
  await ask(driver, 'create table items as select range as n from range(3)');
  await ask(driver, 'alter table items add column c timestamp default now() -- two columns');
  expect((await ask(driver, 'select count(c) as c from items')).rows).toEqual([{ c: 3 }]);
  await expect(ask(driver, 'alter table items add column d int default 1; drop table items')).rejects.toMatchObject({
    code: 'several_statements',
  });
});

test('a query with more parts than fit into memory is an error of this query', async () => {
  const driver = await openFile(join(await folder(), 'a.duckdb'));
  await expect(ask(driver, `select ${'1,'.repeat(400_000)}1`)).rejects.toMatchObject({
    name: 'SqlError',
    message: 'The query has too many parts to be checked',
  });
});

test('table macros of a file can be read', async () => {
  const driver = await openFile(join(await folder(), 'a.duckdb'));
  await ask(driver, 'create macro below(a) as table select range as n from range(a)');
  expect((await ask(driver, 'from below(2)')).rows).toEqual([{ n: 0 }, { n: 1 }]);
});

test('nothing of a statement is left for the next one', async () => {
  const driver = await openFile(join(await folder(), 'a.duckdb'));
  await ask(driver, 'create temp macro m() as 1');
  await expect(ask(driver, 'select m()')).rejects.toThrow('does not exist');
  const numbers: unknown[] = [];
  for (let round = 0; round < 2; round += 1) {
    await ask(driver, 'select setseed(0.1)');
    numbers.push((await ask(driver, 'select random() as n')).rows[0]?.n);
  }
  expect(numbers[0]).not.toBe(numbers[1]);
  await ask(driver, 'create sequence s');
  await ask(driver, "select nextval('s')");
  await expect(ask(driver, 'set variable v = 1')).rejects.toMatchObject({ code: 'not_allowed' });
});

test('what a file calls as we call ours does not change what we do', async () => {
  const directory = await folder();
  const path = join(directory, 'a.duckdb');
  const driver = await openFile(path);
  for (const query of [
    'create schema temp',
    'create table taskwire_rows as select 7 as n',
    "create macro json_serialize_sql(a, skip_null := 1, skip_empty := 1) as '{}'",
    "create macro replace(a, b, c) as 'wrong'",
    'create macro isfinite(a) as false',
  ]) {
    await ask(driver, query);
  }
  expect((await ask(driver, 'select 1 as a, n from main.taskwire_rows')).rows).toEqual([{ a: 1, n: 7 }]);
  await expect(ask(driver, "copy (select 1) to 'x'")).rejects.toMatchObject({ code: 'not_allowed' });
});

test('a refused statement leaves no trace in the data folder', async () => {
  const directory = await folder();
  const data = join(directory, 'data');
  await mkdir(data);
  const driver = await openFile(join(directory, 'a.duckdb'), { dataDirectory: data });
  await expect(ask(driver, `export database '${data}/out'`)).rejects.toMatchObject({ code: 'not_allowed' });
  expect(await readdir(data)).toEqual([]);
});

test('what ends in an error has changed nothing', async () => {
  const driver = await openFile(join(await folder(), 'a.duckdb'));
  await ask(driver, 'create table items (n int)');
  const query = 'insert into items select range from range(10) returning n';
  const statement = { query, parameters: [], maxRows: 5, timeoutMs: 60_000, signal: new AbortController().signal };
  const receiver = {
    columns: () => undefined,
    rows: () => {
      throw new Error('too many for me');
    },
  };
  await expect(driver.run(statement, receiver)).rejects.toThrow('too many for me');
  expect((await ask(driver, 'select count(*) as c from items')).rows).toEqual([{ c: 0 }]);
  expect(await ask(driver, query, { maxRows: 5 })).toMatchObject({ rowCount: 5, truncated: true, affectedRows: 10 });
  expect((await ask(driver, 'select count(*) as c from items')).rows).toEqual([{ c: 10 }]);
  for (const other of [
    'vacuum',
    'analyze',
    'alter table items add column m int',
    'truncate items',
    'drop table items',
  ]) {
    await ask(driver, other);
  }
});
