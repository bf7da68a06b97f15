import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonValue } from '@taskwire/protocol';
import { afterAll, describe, expect, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import { createDuckDbDriver } from '../src/drivers/duckdb.ts';
import type { SqlDriver } from '../src/index.ts';
import { runToResult } from '../src/results/run-to-result.ts';
import { usePostgres } from './postgres-fixture.ts';

const postgres = usePostgres();
const folder = mkdtempSync(join(tmpdir(), 'taskwire-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

const engines: [name: string, create: () => SqlDriver][] = [
  ['Postgres', () => postgres.open({ readOnly: false })],
  [
    'DuckDB',
    () => {
      const database = { path: join(folder, 'commit.duckdb'), readOnly: false, idleMs: 0 };
      return createDuckDbDriver({ database, exportDirectory: folder, memoryLimitMb: 256, threads: 1 });
    },
  ],
];

/** What a statement leaves for the next attempt. */
function handover(left?: JsonValue) {
  const kept: JsonValue[] = [];
  const keep = async (value: JsonValue) => void kept.push(value);
  return { kept, handover: { left, keep, stopping: new AbortController().signal } };
}

describe.each(engines)('%s', (name, create) => {
  const table = `committed_${name.toLowerCase()}`;
  const countIn = async (driver: SqlDriver) => (await ask(driver, `select count(*) as n from ${table}`)).rows[0]?.n;

  test('a statement whose file is too large, or cannot be made, changes nothing', async () => {
    await using driver = create();
    await ask(driver, `create table ${table} (x double precision)`);
    const results = join(folder, `results-${name}`);
    const asked = (query: string, format: 'csv' | 'parquet', maxFileBytes: number) => {
      const statement = {
        query,
        parameters: [],
        maxRows: 1e6,
        timeoutMs: 60_000,
        signal: new AbortController().signal,
      };
      return runToResult(driver, statement, {
        directory: results,
        name: 't',
        format,
        maxInlineBytes: 100,
        maxFileBytes,
      });
    };
    const many = `insert into ${table} select * from generate_series(1, 1000) returning x`;
    await expect(asked(many, 'csv', 1024)).rejects.toMatchObject({ code: 'too_large' });
    await expect(asked(many, 'parquet', 64)).rejects.toMatchObject({ code: 'too_large' });
    expect(await countIn(driver)).toBe(0);
    expect(readdirSync(results).filter((file) => file.includes('.taskwire.'))).toEqual([]);
    await asked(many, 'parquet', 1024 * 1024);
    expect(await countIn(driver)).toBe(1000);
  });

  test('what was to take effect when its worker died is never run again', async () => {
    await using driver = create();
    const { kept, handover: first } = handover();
    await ask(driver, `insert into ${table} values (1)`, { handover: first });
    expect(kept).toHaveLength(1);
    const { handover: second } = handover(kept[0]);
    const again = ask(driver, `insert into ${table} values (1)`, { handover: second });
    await expect(again).rejects.toMatchObject({ message: expect.stringContaining('may have taken effect') });
    expect(await countIn(driver)).toBe(1001);
  });
});

test('a query whose function writes runs to its end, however few rows are wanted', async () => {
  await using driver = postgres.open({ readOnly: false });
  await ask(driver, 'create table worked (n int)');
  const body = 'insert into worked values (n); select n';
  await ask(driver, `create function work(n int) returns int language sql volatile as $$ ${body} $$`);
  const query = 'select work(g) from generate_series(1, 100) g';
  expect(await ask(driver, query, { maxRows: 5 })).toMatchObject({ rowCount: 5, truncated: true });
  expect((await ask(driver, 'select count(*) as n from worked')).rows).toEqual([{ n: 100 }]);
});
