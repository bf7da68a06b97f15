import type { JsonValue } from '@taskwire/protocol';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask } from '../../src/conformance/index.ts';
import type { SqlDriver } from '../../src/index.ts';
import { open } from './spark-fixture.ts';

let driver: SqlDriver;
beforeAll(() => {
  driver = open();
});
afterAll(() => driver[Symbol.asyncDispose]());

test.each<[expression: string, type: string, json: JsonValue]>([
  ['cast(-128 as tinyint)', 'TINYINT', -128],
  ['cast(-32768 as smallint)', 'SMALLINT', -32768],
  ['cast(-2147483648 as int)', 'INT', -2147483648],
  ['cast(9007199254740993 as bigint)', 'BIGINT', '9007199254740993'],
  ['cast(0.1 as float)', 'FLOAT', 0.1],
  ["cast('NaN' as float)", 'FLOAT', 'NaN'],
  ["cast('-Infinity' as float)", 'FLOAT', '-Infinity'],
  ["cast('-0.0' as double)", 'DOUBLE', 0],
  ['cast(5e-324 as double)', 'DOUBLE', 5e-324],
  ["cast('-0.000000000000000000000000000000000001' as decimal(38, 36))", 'DECIMAL(38,36)', `-0.${'0'.repeat(35)}1`],
  ["cast('99999999999999999999999999999999999999' as decimal(38, 0))", 'DECIMAL(38,0)', '9'.repeat(38)],
  ['true', 'BOOLEAN', true],
  ["date '9999-12-31'", 'DATE', '9999-12-31'],
  ["cast('1582-10-04 00:00:00' as timestamp_ntz)", 'TIMESTAMP_NTZ', '1582-10-04T00:00:00'],
  ["cast('1969-12-31 23:59:59.999999' as timestamp)", 'TIMESTAMP', '1969-12-31T23:59:59.999999Z'],
  ["cast('0001-01-01 00:00:00' as timestamp)", 'TIMESTAMP', '0001-01-01T00:00:00Z'],
  ["interval '1-2' year to month", 'INTERVAL YEAR TO MONTH', 'P1Y2M'],
  ["interval '-1-2' year to month", 'INTERVAL YEAR TO MONTH', 'P-1Y-2M'],
  ["interval '3 04:05:06.789' day to second", 'INTERVAL DAY TO SECOND', 'P3DT4H5M6.789S'],
  ["interval '-3 04:05:06.789' day to second", 'INTERVAL DAY TO SECOND', 'P-3DT-4H-5M-6.789S'],
  ["x'00ff'", 'BINARY', 'AP8='],
  ['cast(null as int)', 'INT', null],
  ['null', 'VOID', null],
  ["''", 'STRING', ''],
])('%s is %s: %j', async (expression, type, json) => {
  const { columns, rows } = await ask(driver, `select ${expression} as v, 1 as \`other\``);
  expect(columns[0]?.type).toBe(type);
  expect(JSON.stringify(rows)).toBe(JSON.stringify([{ v: json, other: 1 }]));
});

test('nulls are where they were', async () => {
  const query =
    'select case when id % 2 = 0 then id end as n, case when id % 3 = 0 then array(id, null) end as l, ' +
    'case when id % 5 = 0 then cast(id as string) end as s from range(0, 100, 1, 1)';
  const { rows } = await ask(driver, query);
  expect(rows).toEqual(
    Array.from({ length: 100 }, (_, id) => ({
      n: id % 2 === 0 ? id : null,
      l: id % 3 === 0 ? `[${id},null]` : null,
      s: id % 5 === 0 ? String(id) : null,
    })),
  );
});

test('the types of timestamps are asked for with the parameters of the query', async () => {
  const query = 'select cast($t as timestamp_ntz) as a, cast($t as timestamp) as b, $t as c';
  const { rows } = await ask(driver, query, { parameters: { t: '2024-01-02 03:04:05' } });
  expect(rows).toEqual([{ a: '2024-01-02T03:04:05', b: '2024-01-02T03:04:05Z', c: '2024-01-02 03:04:05' }]);
});

test('a result of several answers is read to its end, although Spark does not say that there are more', async () => {
  let sum = 0;
  const received: number[] = [];
  const receiver = {
    columns: () => undefined,
    rows(rows: readonly (readonly JsonValue[])[]) {
      received.push(rows.length);
      for (const [id] of rows) sum += Number(id);
    },
  };
  const { signal } = new AbortController();
  const limits = { parameters: [], maxRows: 10 ** 6, timeoutMs: 60_000, signal };
  const summary = await driver.run({ query: 'select id from range(0, 250000, 1, 1)', ...limits }, receiver);
  expect(summary).toEqual({ rowCount: 250_000, truncated: false });
  expect(sum).toBe((250_000 * 249_999) / 2);
  expect(Math.max(...received)).toBeLessThanOrEqual(1000);
});
