import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasPostgres } from '@taskwire/testing/postgres';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import { openDriver, runToResult } from '../src/index.ts';
import { usePostgres } from './postgres-fixture.ts';

describe.skipIf(!hasPostgres())('types and settings of PostgreSQL', () => {
  const postgres = usePostgres();
  const admin = (query: string) => postgres.server.query(query, postgres.database);

  beforeAll(async () => {
    await admin("create type public.timestamp_ntz as enum('a'); create type public.tinyint as enum('few')");
    await admin("create type public.bytea as enum('shadow'); create domain public.price as numeric(10,2)");
  });

  /** The columns of a Parquet file, and its one row. */
  async function parquetOf(query: string) {
    const directory = await mkdtemp(join(tmpdir(), 'sql-settings-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    await using driver = postgres.open();
    const statement = { query, parameters: [], maxRows: 10, timeoutMs: 60_000, signal: new AbortController().signal };
    const options = { directory, name: 'task', format: 'parquet' as const, maxInlineBytes: 1000, maxFileBytes: 1e6 };
    const { file, columns } = await runToResult(driver, statement, options);
    await using reader = await openDriver({
      driver: 'duckdb',
      ...{ dataDirectory: directory, memoryLimitMb: 256, threads: 1 },
    });
    const read = await ask(reader, `from '${file?.path}'`);
    return { types: columns.map(({ type }) => type), held: read.columns.map(({ type }) => type), row: read.rows[0] };
  }

  const all = "select '\\x00ff'::pg_catalog.bytea b, 1::int8 i, '1.5'::numeric(4,2) n, now() is null t, 'x'::text s";

  test.each(['quote_all_identifiers = on', 'search_path = public, pg_catalog'])(
    'types are known by what they are, not by how the server writes them with %s',
    async (setting) => {
      await admin(`alter role ${postgres.database} set ${setting}`);
      onTestFinished(async () => void (await admin(`alter role ${postgres.database} reset all`)));
      expect(await parquetOf(all)).toEqual({
        types: ['bytea', 'bigint', 'numeric(4,2)', 'boolean', 'text'],
        held: ['BLOB', 'BIGINT', 'DECIMAL(4,2)', 'BOOLEAN', 'VARCHAR'],
        row: { b: 'AP8=', i: 1, n: '1.50', t: false, s: 'x' },
      });
    },
  );

  test("users' types are texts in Parquet, whatever they are called", async () => {
    const query = "select 'a'::timestamp_ntz a, 'few'::tinyint b, 'shadow'::public.bytea c, '1.5'::price d";
    expect(await parquetOf(query)).toMatchObject({
      held: ['VARCHAR', 'VARCHAR', 'VARCHAR', 'DECIMAL(10,2)'],
      row: { a: 'a', b: 'few', c: 'shadow', d: '1.50' },
    });
  });

  test.each([
    ["'20231-05-06'::date", 'DATE', '+020231-05-06'],
    ["'4714-11-24 BC'::date", 'DATE', '-004713-11-24'],
    ["'infinity'::timestamptz", 'TIMESTAMP WITH TIME ZONE', 'infinity'],
    ["'294276-12-31 23:59:59'::timestamp", 'VARCHAR', '+294276-12-31T23:59:59'],
    ["'NaN'::numeric(10,2)", 'VARCHAR', 'NaN'],
    ["'24:00'::time", 'TIME', '24:00:00'],
    ['\'"\\ud800"\'::json', 'VARCHAR', '"\\ud800"'],
  ])('%s does not fail a Parquet file', async (expression, type, value) => {
    expect(await parquetOf(`select ${expression} v`)).toMatchObject({ held: [type], row: { v: value } });
  });

  test("a role's time limit counts when it is lower than the request's", async () => {
    await admin(`alter role ${postgres.database} set statement_timeout = '300ms'`);
    onTestFinished(async () => void (await admin(`alter role ${postgres.database} reset all`)));
    await using driver = postgres.open();
    const shown = await ask(driver, "select current_setting('statement_timeout') as v");
    expect(shown.rows).toEqual([{ v: '300ms' }]);
    await expect(ask(driver, 'select pg_sleep(60)')).rejects.toThrow('canceling statement due to statement timeout');
    const hurried = await ask(driver, "select current_setting('statement_timeout') as v", { timeoutMs: 200 });
    expect(hurried.rows).toEqual([{ v: '200ms' }]);
  });

  test.each(['temp table x as select 1', 'local temporary view x as select 1'])(
    'refuses what would be gone: create %s',
    async (what) => {
      await using driver = postgres.open({ readOnly: false });
      await expect(ask(driver, `create ${what}`)).rejects.toThrow('would be gone when its statement has ended');
    },
  );

  test('the schema of a statement is one name, whatever is in it', async () => {
    await admin(`create schema "Odd"", public" authorization ${postgres.database}`);
    await using writing = postgres.open({ readOnly: false });
    await ask(writing, 'create table items as select 1 as id', { schema: 'Odd", public' });
    await using driver = postgres.open({ schema: 'public' });
    const where = { schema: 'Odd", public' };
    expect((await ask(driver, 'select id from items', where)).rows).toEqual([{ id: 1 }]);
    expect((await ask(driver, "select current_setting('search_path') as v", where)).rows).toEqual([
      { v: '"Odd"", public"' },
    ]);
    expect((await ask(driver, "select current_setting('search_path') as v")).rows).toEqual([{ v: 'public' }]);
    for (const schema of ['$user', 'odd', 'public, "Odd"", public"']) {
      await expect(ask(driver, 'select 1', { schema })).rejects.toMatchObject({ code: 'failed', engineCode: '3F000' });
    }
  });

  test('refuses a catalog', async () => {
    await using driver = postgres.open();
    const refused = ask(driver, 'select 1', { catalog: postgres.database });
    await expect(refused).rejects.toThrow(
      'parameters.catalog: is not for PostgreSQL, where another database needs a connection of its own',
    );
  });

  test('an error with a long value keeps its reason', async () => {
    await using driver = postgres.open();
    const query = "select cast(repeat('ü', 5000) as json)";
    await expect(ask(driver, query)).rejects.toThrow(/^invalid input syntax for type json\. Token ".*" is invalid/);
    await expect(ask(driver, "select cast(repeat('x', 5000) as int)")).rejects.toThrow(
      /^invalid input syntax for type integer: "x+…x+"$/,
    );
  });
});
