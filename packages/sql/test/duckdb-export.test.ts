import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import type { ExportTarget, SqlExport, SqlStatement } from '../src/driver.ts';
import { openDriver, type SqlDriver } from '../src/index.ts';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'sql-export-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

type Options = Partial<SqlStatement & ExportTarget>;

/** Exports a query, and opens the file to be asked about with `from 'rows.parquet'`. */
async function exported(query: string, options: Options = {}) {
  const directory = await folder();
  const driver = await openDriver({
    driver: 'duckdb',
    dataDirectory: directory,
    exportDirectory: directory,
    memoryLimitMb: 256,
    threads: 2,
  });
  onTestFinished(() => driver[Symbol.asyncDispose]());
  const path = join(directory, 'rows.parquet');
  const outcome = await exportTo(path, driver, query, options).then(
    (value) => ({ status: 'exported', value }) as const,
    (error: unknown) => ({ status: 'failed', error }) as const,
  );
  return { outcome, path, directory, driver };
}

async function exportTo(path: string, driver: SqlDriver, query: string, options: Options): Promise<SqlExport> {
  const statement = { query, parameters: [], maxRows: 1e9, timeoutMs: 60_000, signal: new AbortController().signal };
  const target = { path, format: 'parquet' as const, maxBytes: 1e9, previewRows: 3 };
  const value = await driver.exportFile?.({ ...statement, ...options }, { ...target, ...options });
  if (!value) throw new Error('not by DuckDB');
  return value;
}

describe('exporting to Parquet', () => {
  test('writes all rows, and returns the first ones and their number', async () => {
    const { outcome, driver, directory, path } = await exported('select range as n from range(1, 100001)');
    expect(outcome).toMatchObject({
      status: 'exported',
      value: {
        columns: [{ name: 'n', type: 'BIGINT' }],
        preview: [[1], [2], [3]],
        rowCount: 100_000,
        truncated: false,
      },
    });
    const { rows } = await ask(driver, `select count(*) as c, min(n) as a, max(n) as b from '${path}'`);
    expect(rows).toEqual([{ c: 100_000, a: 1, b: 100_000 }]);
    expect(await readdir(directory)).toEqual(['rows.parquet']);
  });

  test('keeps the order of rows that several threads write', async () => {
    const { driver, directory, path } = await exported('select range as n from range(500000)');
    const copy = join(directory, 'copy');
    await exportTo(copy, driver, `from '${path}'`, { format: 'csv' });
    const [, ...numbers] = (await readFile(copy, 'utf8')).trimEnd().split('\n');
    expect(numbers).toEqual(Array.from({ length: 500_000 }, (_, n) => String(n)));
  });

  test('is for its owner only', async () => {
    const { path } = await exported('select 1 as a');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test('binds parameters', async () => {
    const { driver, path } = await exported("select $a as a, 'it''s' || $b as b", {
      parameters: { a: 7, b: "'; drop" },
    });
    expect((await ask(driver, `from '${path}'`)).rows).toEqual([{ a: 7, b: "it's'; drop" }]);
  });

  test.each([
    { maxRows: 10, rowCount: 10, truncated: false },
    { maxRows: 9, rowCount: 9, truncated: true },
    { maxRows: 0, rowCount: 0, truncated: true },
  ])('writes at most $maxRows of ten rows', async ({ maxRows, ...expected }) => {
    const { outcome, driver, path } = await exported('select range as n from range(10)', { maxRows });
    expect(outcome).toMatchObject({ value: expected });
    expect((await ask(driver, `from '${path}'`)).rowCount).toBe(expected.rowCount);
  });

  test('keeps what Parquet itself would lose', async () => {
    const query = `select 170141183460469231::hugeint as h, interval '1 month 2 days 3.000004 seconds' as iv,
      '12:34:56.123456+02'::timetz as tz, '10110'::bit as b, 1::uhugeint as u,
      '2024-01-02 03:04:05.123456789'::timestamp_ns as ns, 1.10::decimal(38, 2) as d`;
    const { outcome, driver, path } = await exported(query);
    const value = outcome.status === 'exported' ? outcome.value : undefined;
    const { rows, columns } = await ask(driver, query);
    expect(value?.columns).toEqual(columns);
    const preview = Object.fromEntries(columns.map(({ name }, index) => [name, value?.preview[0]?.[index]]));
    expect(preview).toEqual(rows[0]);
    const [stored] = (await ask(driver, `select h, u, d, iv, b from '${path}'`)).rows;
    expect(stored).toEqual({
      h: '170141183460469231',
      u: '1',
      d: '1.10',
      iv: '1 month 2 days 00:00:03.000004',
      b: '10110',
    });
  });

  test('writes integers as texts if one has more than 38 digits', async () => {
    const h = '170141183460469231731687303715884105727';
    const { outcome, driver, path } = await exported(`select unnest([1, ${h}])::hugeint as h, 2 as b`);
    expect(outcome).toMatchObject({
      status: 'exported',
      value: {
        rowCount: 2,
        preview: [
          [1, 2],
          [h, 2],
        ],
      },
    });
    expect((await ask(driver, `from '${path}'`)).rows).toEqual([
      { h: '1', b: 2 },
      { h, b: 2 },
    ]);
    const failing = await exported("select 1::hugeint as h, 'x'::int as b");
    expect(failing.outcome).toMatchObject({ error: { message: expect.stringContaining("'x' to INT32") } });
  });

  test('keeps two columns of the same name, and names with quotes', async () => {
    const { driver, path } = await exported('select 1 as a, 2 as a, 3 as "b""c"');
    expect((await ask(driver, `from '${path}'`)).rows).toEqual([{ a: 1, a_1: 2, 'b"c': 3 }]);
  });

  test('leaves nothing behind when the statement fails in the middle, and says where', async () => {
    const query = "select 1 as ü, case when range = 900000 then error('broken') end as e from range(1000000)";
    const { outcome, directory } = await exported(query);
    expect(outcome).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('broken') } });
    expect(await readdir(directory)).toEqual([]);
  });

  test('says where in the query a mistake is', async () => {
    const query = 'select 1 as ü, wrong';
    const { outcome } = await exported(query);
    expect(outcome).toMatchObject({ error: { position: query.indexOf('wrong') } });
  });

  test('stops when the file grows too large', async () => {
    const query = 'select random() as a, random() as b from range(50000000)';
    const { outcome, directory } = await exported(query, { maxBytes: 1_000_000 });
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'too_large' } });
    expect(await readdir(directory)).toEqual([]);
  });

  test('stops when it is cancelled', async () => {
    const abort = new AbortController();
    const exporting = exported('select random() as a from range(500000000)', { signal: abort.signal });
    abort.abort(new Error('enough'));
    const { outcome, directory, driver } = await exporting;
    expect(outcome).toMatchObject({ status: 'failed', error: { message: 'enough' } });
    await driver[Symbol.asyncDispose]();
    expect(await readdir(directory)).toEqual([]);
  });

  test.each(['insert into t values (1)', "copy (select 1) to 'x.csv'", 'explain select 1'])(
    'does not run %s',
    async (query) => {
      const { outcome, path } = await exported(query);
      expect(outcome).toMatchObject({ status: 'failed', error: { message: 'not by DuckDB' } });
      expect(existsSync(path)).toBe(false);
    },
  );

  test('keeps a query from the folder that others export to', async () => {
    const directory = await folder();
    await using driver = await openDriver({
      driver: 'duckdb',
      exportDirectory: directory,
      memoryLimitMb: 256,
      threads: 1,
    });
    const path = join(directory, 'first.parquet');
    await exportTo(path, driver, "select 'secret' as a", {});
    await expect(ask(driver, `from '${path}'`)).rejects.toThrow(/no such file|Permission|Cannot/);
    await expect(exportTo(join(directory, 'x'), driver, `from '${path}'`, {})).rejects.toThrow();
  });
});
