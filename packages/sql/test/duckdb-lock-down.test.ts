import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import { openDriver, type SqlDriver } from '../src/index.ts';
import { type DataFolder, dataFolder } from './data-folder.ts';

const open = (dataDirectory: string) => openDriver({ driver: 'duckdb', dataDirectory, memoryLimitMb: 256, threads: 2 });

const NAMES = [
  ...[
    'part-00000',
    'export_2024-01-01T10:00:00.csv',
    '~notes.csv',
    '~',
    '-',
    '[a].csv',
    'what?.csv',
    'a*b',
    '..hidden',
  ],
  ...['tsconfig.json', 'file:x', 'http:', 'with "quotes"', 'line\nbreak', 'back\\slash', '東京 2024', 'ends.', 'x.y.z'],
];

let folder: DataFolder;
/** Of all that ask it for what leaves nothing behind, or is refused. */
let driver: SqlDriver;
const home = process.cwd();

// As in the process of a sql-worker.
beforeAll(async () => {
  folder = await dataFolder();
  process.chdir(folder.path);
  driver = await open(folder.path);
  await mkdir('names');
  for (const name of NAMES) await Promise.all([name, join('names', name)].map((path) => writeFile(path, 'a\n1\n')));
});

afterAll(async () => {
  process.chdir(home);
  await driver[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe.concurrent('what DuckDB may read', () => {
  const items = [
    { name: 'über', price: 1.5 },
    { name: '🦆', price: 2.25 },
  ];

  test.each([
    "from 'items.csv'",
    'from "items.csv"',
    "from './items.csv'",
    "from 'it*.csv'",
    "from read_csv('items.csv', header = true)",
    "from read_csv(['items.csv'])",
    "select i.* from range(1) r, 'items.csv' i where i.name <> 'a.b'",
    "with a as (from 'items.csv') from a",
  ])('reads a file of the data folder by its relative name: %s', async (query) => {
    expect((await ask(driver, query)).rows).toEqual(items);
  });

  test('reads a file by a name that comes as a parameter', async () => {
    expect((await ask(driver, 'from read_csv(?)', { parameters: ['items.csv'] })).rows).toEqual(items);
  });

  test.each(NAMES)('reads a file of the data folder, whatever its name: %j', async (name) => {
    const relative = name.startsWith('~') ? `./${name}` : name;
    for (const path of [relative, `names/${name}`, `${folder.path}/names/${name}`]) {
      expect((await ask(driver, 'from read_csv(?)', { parameters: [path] })).rows).toEqual([{ a: 1 }]);
    }
    expect((await ask(driver, `from read_csv('${relative}')`)).rows).toEqual([{ a: 1 }]);
    expect((await ask(driver, "from glob('*')")).rows).toContainEqual({ file: `./${name}` });
  });

  test('says how to write a name that begins with ~', async () => {
    await expect(ask(driver, "from '~notes.csv'")).rejects.toThrow('write "./~notes.csv"');
  });

  test.each(['plain.pq', 'none.xlsx', '-'])('says how to read a file whose name does not: %s', async (name) => {
    await expect(ask(driver, `from '${name}'`)).rejects.toThrow(
      `There is no table "${name}"; for a file whose name does not say how to read it, use read_csv, read_json, read_parquet`,
    );
    await expect(ask(driver, 'from a_table')).rejects.toThrow('Table with name a_table does not exist!');
  });

  test('reads a file by its absolute path, and files in folders below', async () => {
    expect((await ask(driver, `from '${folder.path}/items.csv'`)).rows).toEqual(items);
    expect((await ask(driver, "from 'more/items.csv'")).rows).toEqual([{ name: 'more', price: 3 }]);
    expect((await ask(driver, "from 'more/*.csv'")).rows).toEqual([{ name: 'more', price: 3 }]);
    expect((await ask(driver, "from 'more.json'")).rows).toHaveLength(1);
  });

  test('answers the first question anybody asks, on the sample that comes with taskwire', async () => {
    const samples = new URL('../../../data', import.meta.url).pathname;
    await using driver = await open(samples);
    const query = `select region, sum(quantity) as quantity from '${samples}/sales.csv' group by region order by quantity desc`;
    const { rows } = await ask(driver, query);
    expect(rows[0]).toEqual({ region: 'Île-de-France', quantity: 66 });
  });

  test('needs no data folder for queries without files, and says what is missing for those with one', async () => {
    await using driver = await open('/nonexistent');
    expect((await ask(driver, 'select 1 as a')).rows).toEqual([{ a: 1 }]);
    await expect(ask(driver, "from 'items.csv'")).rejects.toThrow(
      'Cannot read "items.csv": it is not in the data folder, and queries can read no other',
    );
  });
});

describe.concurrent('what DuckDB may not read', () => {
  test.each([
    "from read_text('/etc/passwd')",
    "from read_csv('/etc/passwd')",
    "from '/etc/passwd'",
    "from read_text('/proc/self/environ')",
    "from read_blob('/dev/stdin')",
    "from glob('/etc/*')",
    "from read_text('/etc/pass*')",
    "from sniff_csv('/etc/passwd')",
    "from parquet_metadata('/etc/passwd')",
    "describe 'SECRET'",
    "summarize 'SECRET'",
    "explain analyze from 'SECRET'",
    "from 'SECRET'",
    "from '../secret.csv'",
    "from 'more/../../secret.csv'",
    "from 'FOLDER/../secret.csv'",
    "from '../*.csv'",
    "from 'link.csv'",
    "from 'FOLDER/link.csv'",
    "from 'up/secret.csv'",
    "from 'FOLDER/up/secret.csv'",
    "from 'FOLDER/up/*.csv'",
    "from '~/.bashrc'",
    "from 'package.json'",
    "from 'http://localhost/items.csv'",
    "from 'https://localhost/items.parquet'",
    "from 's3://bucket/items.csv'",
    "from 'file:///etc/passwd'",
    "from read_text('file:/etc/resolv.conf')",
    "from read_csv('file:/etc/adduser.conf')",
    "from glob('file:/etc/*.conf')",
    "from read_text('~/.profile.txt')",
    "from read_text('~/../etc/resolv.conf')",
    "select getenv('HOME')",
    "from sqlite_scan('SECRET', 'a')",
    "from postgres_scan('', '', '')",
    'from duckdb_secrets()',
  ])('refuses %s', async (template) => {
    const query = template.replaceAll('FOLDER', folder.path).replaceAll('SECRET', folder.secretFile);
    const outcome = await ask(driver, query).catch((thrown: unknown) => thrown);
    expect(outcome).toMatchObject({ name: 'SqlError', code: expect.stringMatching(/^(not_allowed|failed)$/) });
    expect(String(outcome)).not.toMatch(/secret,1|root:/);
  });

  test('sees nothing of the folders of a link in a list of files', async () => {
    const { rows } = await ask(driver, `from glob('${folder.path}/**')`);
    const found = rows.map(({ file }) => String(file).slice(folder.path.length + 1)).sort();
    expect(found.filter((name) => !NAMES.includes(name) && !name.startsWith('names/'))).toEqual([
      ...['items.csv', 'more.json', 'more/items.csv'],
    ]);
  });
});

describe.concurrent('what DuckDB may not do', () => {
  test.each([
    "copy (select 1) to 'FOLDER/new.csv'",
    "copy (select 1) to 'new.csv'",
    "explain copy (select 1) to 'FOLDER/new.csv'",
    "explain analyze copy (select 1) to 'FOLDER/new.csv'",
    "EXPLAIN (ANALYZE) copy (select 1) to 'FOLDER/new.csv'",
    "export database 'FOLDER/new'",
    'prepare p as select 1',
    "import database 'FOLDER/more'",
    "attach 'FOLDER/new.db'",
    "attach ':memory:' as m",
    'create table t (a integer)',
    'create temp table t as select 1',
    "create macro m() as table from read_text('/etc/passwd')",
    "create persistent secret s (type s3, key_id 'a', secret 'b')",
    'insert into t values (1)',
    'with a as (select 1) insert into t from a',
    'update t set a = 1',
    'delete from t',
    'drop table t',
    'truncate t',
    'set threads = 8',
    'reset memory_limit',
    'set enable_logging = true',
    "pragma enable_profiling = 'json'",
    'pragma force_checkpoint',
    "pragma import_database('more')",
    'pragma threads = 8',
    'call pragma_version()',
    'install httpfs',
    'load httpfs',
    "load 'FOLDER/new.so'",
    'call enable_logging()',
    'checkpoint',
    'vacuum',
    'begin transaction',
    'use memory',
  ])('refuses the statement %s by its name', async (template) => {
    const before = await folder.list();
    const query = template.replaceAll('FOLDER', folder.path);
    const [firstWord] = query.toUpperCase().split(' ');
    await expect(ask(driver, query)).rejects.toMatchObject({
      code: 'not_allowed',
      message: expect.stringMatching(new RegExp(`^${firstWord}( [A-Z]+)? is not allowed in queries`)),
    });
    expect(await folder.list()).toEqual(before);
  });

  test.each([
    "from enable_logging(storage = 'file', storage_config = {'path': 'FOLDER/new'})",
    'select * from SYSTEM.MAIN."Enable_Logging"()',
    "with a as (from enable_logging(storage = 'file', storage_config = {'path': 'FOLDER/new'})) from a",
    "select (select count(*) from enable_logging(storage = 'file', storage_config = {'path': 'FOLDER/new'}))",
    "describe from enable_logging(storage = 'file', storage_config = {'path': 'FOLDER/new'})",
    "explain analyze from enable_logging(storage = 'file', storage_config = {'path': 'FOLDER/new'})",
    "from /* */ enable_logging /* */ (storage = 'file', storage_config = {'path': 'FOLDER/new'})",
    "from query('from enable_logging()')",
    "from json_execute_serialized_sql(json_serialize_sql('from enable_logging()'))",
    'from enable_profiling()',
    'from force_checkpoint()',
    'from arrow_scan(1, 2, 3)',
  ])('refuses a function that does more than read: %s', async (template) => {
    const before = await folder.list();
    await expect(ask(driver, template.replaceAll('FOLDER', folder.path))).rejects.toMatchObject({
      code: 'not_allowed',
      message: expect.stringMatching(/^The table function \w+ is not allowed in queries$/),
    });
    expect(await folder.list()).toEqual(before);
  });

  test('refuses a statement hidden behind a NUL', async () => {
    await using driver = await open('/nonexistent');
    await expect(ask(driver, 'select 1;\0 drop table t')).rejects.toMatchObject({ code: 'syntax' });
  });

  test('spills into a private folder, and leaves nothing of it behind', async () => {
    await using driver = await openDriver({
      driver: 'duckdb',
      dataDirectory: folder.path,
      memoryLimitMb: 64,
      threads: 1,
    });
    const before = await folder.list();
    const query = `
      select max(position) as rows, current_setting('temp_directory') as spill
      from (select row_number() over (order by md5(range::varchar)) as position from range(600000))`;
    const { rows } = await ask(driver, query);
    expect(rows[0]?.rows).toBe(600_000);
    expect(rows[0]?.spill).toMatch(/taskwire-sql-/);
    expect(existsSync(String(rows[0]?.spill))).toBe(false);
    expect(await folder.list()).toEqual(before);
  });
});
