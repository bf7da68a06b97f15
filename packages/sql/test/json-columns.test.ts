import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import { openDriver, type ResultFormat, runToResult, type SqlDriver } from '../src/index.ts';
import { usePostgres } from './postgres-fixture.ts';

const fixture = usePostgres();
const TEXTS = ['"x"', 'null', '"1"', '1', '"null"', '""', '[]', '{"2024":1,"b":12345678901234567890}'];
/** DuckDB takes no half character. */
const HALF = '"\\ud800"';
const VALUES = ['x', null, '1', 1, 'null', '', [], { '2024': 1, b: '12345678901234567890' }];

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'sql-json-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

async function driverOf(engine: string, directory: string): Promise<SqlDriver> {
  const limits = { memoryLimitMb: 256, threads: 1 };
  const driver =
    engine === 'DuckDB'
      ? await openDriver({ driver: 'duckdb', dataDirectory: directory, exportDirectory: directory, ...limits })
      : fixture.open();
  onTestFinished(() => driver[Symbol.asyncDispose]());
  return driver;
}

async function resultOf(driver: SqlDriver, query: string, directory: string, format?: ResultFormat) {
  const { signal } = new AbortController();
  const options = { directory, name: 'task', format, maxInlineBytes: 10_000, maxFileBytes: 1e9 };
  return runToResult(driver, { query, parameters: [], maxRows: 100, timeoutMs: 60_000, signal }, options);
}

describe.each(['DuckDB', 'PostgreSQL'])('JSON of %s', (engine) => {
  const half = engine === 'DuckDB' ? [] : [HALF];
  const texts = [...TEXTS, ...half];
  const values = [...VALUES, ...half.map((text) => JSON.parse(text)), null];
  const rows = [...texts.map((text) => `('${text}'::json)`), '(null)'].join(', ');
  const query = `select j from (values ${rows}) as t(j)`;

  test('is JSON in the message and in files of JSON', async () => {
    const directory = await folder();
    const driver = await driverOf(engine, directory);
    const expected = values.map((j) => ({ j }));
    expect((await resultOf(driver, query, directory)).rows).toEqual(expected);
    const { rows: preview, file } = await resultOf(driver, query, directory, 'ndjson');
    expect(preview).toEqual(expected);
    const lines = readFileSync(file?.path as string, 'utf8')
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(expected);
  });

  test('keeps in CSV and Parquet what it is: a JSON null is no NULL, "1" is no number', async () => {
    const directory = await folder();
    const driver = await driverOf(engine, directory);
    await using reader = await driverOf('DuckDB', directory);
    const csv = await resultOf(driver, query, directory, 'csv');
    const read = `read_csv('${csv.file?.path}', auto_detect = false, header = true, columns = {j: 'varchar'}, quote = '"', escape = '"')`;
    expect((await ask(reader, `select j from ${read}`)).rows).toEqual([...texts, null].map((j) => ({ j })));
    const parquet = await resultOf(driver, query, directory, 'parquet');
    const held = await ask(reader, `select j::varchar as j from '${parquet.file?.path}'`);
    expect(held.rows).toEqual([...texts, null].map((j) => ({ j })));
    expect(parquet.rows).toEqual(values.map((j) => ({ j })));
  });
});

test.each<[string, string]>([
  ['select \'x\' region, 1 "2024", 2 "2023"', '{"region":"x","2024":1,"2023":2}'],
  ["select {'b': 1, '2024': 2, '2023': 3} as s", '{"s":{"b":1,"2024":2,"2023":3}}'],
  ["select map {'b': 1, '2024': 2, '2023': 3} as m", '{"m":{"b":1,"2024":2,"2023":3}}'],
])('columns and fields keep their order in the message and in a file: %s', async (query, line) => {
  const directory = await folder();
  const driver = await driverOf('DuckDB', directory);
  expect(JSON.stringify((await resultOf(driver, query, directory)).rows)).toBe(`[${line}]`);
  for (const format of ['json', 'ndjson'] as const) {
    const { rows, file } = await resultOf(driver, query, directory, format);
    expect(JSON.stringify(rows)).toBe(`[${line}]`);
    expect(readFileSync(file?.path as string, 'utf8')).toContain(line);
  }
});
