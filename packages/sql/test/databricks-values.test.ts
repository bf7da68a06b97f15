import type { JsonValue } from '@taskwire/protocol';
import { describe, expect, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import { columnsOf } from '../src/drivers/thrift/column-types.ts';
import { TTypeId } from '../src/drivers/thrift/protocol.ts';
import { jsonOfText } from '../src/drivers/thrift/text-values.ts';
import { connected } from './databricks-fixture.ts';

type Case = [expression: string, type: string, json: JsonValue];

const ALIKE: Case[] = [
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
  ["''", 'STRING', ''],
];

/** Arrow has types for what is nested; the columns of the protocol have only the server's text. */
const NESTED: Case[] = [
  ['array(1, null)', 'ARRAY<INT>', [1, null]],
  ['array(cast(9007199254740993 as bigint))', 'ARRAY<BIGINT>', ['9007199254740993']],
  ["named_struct('a', 1, 'b', 'x')", 'STRUCT<a: INT, b: STRING>', { a: 1, b: 'x' }],
  ["map('a', 1.5d, '__proto__', null)", 'MAP<STRING, DOUBLE>', JSON.parse('{"a":1.5,"__proto__":null}')],
  ["array(cast('1.10' as decimal(10, 2)))", 'ARRAY<DECIMAL(10,2)>', ['1.10']],
  ["array(cast('12345678901234567890.10' as decimal(30, 2)))", 'ARRAY<DECIMAL(30,2)>', ['12345678901234567890.10']],
  [
    "array(cast('2024-01-02 03:04:05.123456' as timestamp), null)",
    'ARRAY<TIMESTAMP>',
    ['2024-01-02T03:04:05.123456Z', null],
  ],
  ["map(1, 'x')", 'MAP<INT, STRING>', [{ key: 1, value: 'x' }]],
  [
    "array(named_struct('d', date '2024-01-02', 'm', map('k', array(cast(0.1 as float)))), null)",
    'ARRAY<STRUCT<d: DATE, m: MAP<STRING, ARRAY<FLOAT>>>>',
    [{ d: '2024-01-02', m: { k: [0.1] } }, null],
  ],
];

describe.each([
  ['columns', ALIKE],
  ['arrow', [...ALIKE, ...NESTED]],
  ['cloudfetch', [...ALIKE, ...NESTED]],
] as const)('values of Databricks in %s', (encoding, cases) => {
  test('each as it is', async () => {
    await using databricks = await connected({ encoding });
    for (const [expression, type, json] of cases) {
      const { columns, rows } = await ask(databricks.driver, `select ${expression} as v, 1 as \`other\``);
      expect([expression, columns[0]?.type]).toEqual([expression, type]);
      expect([expression, JSON.stringify(rows)]).toEqual([expression, JSON.stringify([{ v: json, other: 1 }])]);
    }
  });

  test('several rows with nulls between them', async () => {
    await using databricks = await connected({ encoding, batchRows: 3, fetchRows: 4, directResults: 'off' });
    const query =
      'select case when id % 2 = 0 then id end as n, case when id % 3 = 0 then array(id, null) end as l, ' +
      'case when id % 5 = 0 then cast(id as string) end as s from range(100)';
    const { rows } = await ask(databricks.driver, query);
    expect(rows).toEqual(
      Array.from({ length: 100 }, (_, id) => ({
        n: id % 2 === 0 ? id : null,
        l: id % 3 !== 0 ? null : encoding === 'columns' ? `[${id},null]` : [id, null],
        s: id % 5 === 0 ? String(id) : null,
      })),
    );
  });
});

test.each(['columns', 'arrow'] as const)('writes a null without a type as null (%s)', async (encoding) => {
  await using databricks = await connected({ encoding });
  const { rows } = await ask(databricks.driver, 'select null as v from range(2)');
  expect(rows).toEqual([{ v: null }, { v: null }]);
});

test.each([
  [TTypeId.NULL_TYPE, 'VOID'],
  [TTypeId.INTERVAL_DAY_TIME_TYPE, 'INTERVAL DAY TO SECOND'],
  [TTypeId.STRING_TYPE, 'STRING'],
  [TTypeId.USER_DEFINED_TYPE, 'USER_DEFINED'],
])('names the type %i of the protocol %s', (type, name) => {
  const column = { columnName: 'a', position: 1, typeDesc: { types: [{ primitiveEntry: { type } }] } };
  const columns = [{ ...column, columnName: 'b', position: 2 }, column];
  expect(columnsOf({ status: { statusCode: 0 }, schema: { columns } }).map(({ name, type }) => [name, type])).toEqual([
    ['a', name],
    ['b', name],
  ]);
});

test('tells the types also where Arrow does not name them', async () => {
  await using databricks = await connected({ encoding: 'arrow', arrowTypeNames: false });
  const { columns, rows } = await ask(
    databricks.driver,
    "select cast('2024-01-02 03:04:05' as timestamp) as t, cast('2024-01-02 03:04:05' as timestamp_ntz) as l, " +
      "cast('1.5' as decimal(10, 2)) as d, array(1) as a",
  );
  expect(columns.map(({ type }) => type)).toEqual(['TIMESTAMP', 'TIMESTAMP_NTZ', 'DECIMAL(10,2)', 'ARRAY']);
  expect(rows).toEqual([{ t: '2024-01-02T03:04:05Z', l: '2024-01-02T03:04:05', d: '1.50', a: [1] }]);
});

test('asks for the types of timestamps with the parameters of the query, where there is no Arrow', async () => {
  await using databricks = await connected({ encoding: 'columns', directResults: 'off' });
  const query = 'select cast($t as timestamp_ntz) as a, cast($t as timestamp) as b, $t as c';
  const { rows } = await ask(databricks.driver, query, { parameters: { t: '2024-01-02 03:04:05' } });
  expect(rows).toEqual([{ a: '2024-01-02T03:04:05', b: '2024-01-02T03:04:05Z', c: '2024-01-02 03:04:05' }]);
});

describe('texts of Databricks', () => {
  test.each<[text: string, kind: string, json: JsonValue]>([
    ['+10000-01-01 00:00:00', 'TIMESTAMP', '+010000-01-01T00:00:00Z'],
    ['-0044-03-15', 'DATE', '-000044-03-15'],
    ['2024-01-02 03:04:05.100', 'TIMESTAMP', '2024-01-02T03:04:05.1Z'],
    ['something else', 'TIMESTAMP', 'something else'],
    ["INTERVAL '1 02:03:04' DAY TO SECOND", 'INTERVAL', 'P1DT2H3M4S'],
    ['0 00:00:00.000000000', 'INTERVAL', 'PT0S'],
    ['1 02:03:04.000000001', 'INTERVAL', '1 02:03:04.000000001'],
    ['1 month', 'INTERVAL', '1 month'],
    ['{"a":12345678901234567890,"b":[1,1.50]}', 'VARIANT', { a: '12345678901234567890', b: [1, 1.5] }],
    ['["a","b"]', 'ARRAY', '["a","b"]'],
    ['9007199254740993', 'BIGINT', '9007199254740993'],
    ['0.1', 'FLOAT', 0.1],
    ['NaN', 'DOUBLE', 'NaN'],
    ['POINT(1 2)', 'GEOMETRY', 'POINT(1 2)'],
  ])('%s as %s', (text, kind, json) => {
    expect(jsonOfText(text, kind)).toEqual(json);
  });
});
