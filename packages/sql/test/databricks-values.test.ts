import type { JsonValue } from '@taskwire/protocol';
import { describe, expect, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import { columnChunk } from '../src/drivers/thrift/column-chunk.ts';
import { columnsOf } from '../src/drivers/thrift/column-types.ts';
import { TTypeId } from '../src/drivers/thrift/protocol.ts';
import { jsonOfText } from '../src/drivers/thrift/text-values.ts';
import { connected } from './databricks-fixture.ts';

type Case = [expression: string, type: string, json: JsonValue];

/** In the language of the stand-in's engine. */
const CASES: Case[] = [
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
  ["timestamp '1582-10-04 00:00:00'", 'TIMESTAMP_NTZ', '1582-10-04T00:00:00'],
  ["timestamptz '1969-12-31 23:59:59.999999'", 'TIMESTAMP', '1969-12-31T23:59:59.999999Z'],
  ["timestamptz '0001-01-01 00:00:00'", 'TIMESTAMP', '0001-01-01T00:00:00Z'],
  ["interval '14 months'", 'INTERVAL YEAR TO MONTH', 'P1Y2M'],
  ["interval '-14 months'", 'INTERVAL YEAR TO MONTH', 'P-1Y-2M'],
  ["interval '3 days 04:05:06.789'", 'INTERVAL DAY TO SECOND', 'P3DT4H5M6.789S'],
  ["interval '-3 days -04:05:06.789'", 'INTERVAL DAY TO SECOND', 'P-3DT-4H-5M-6.789S'],
  ["from_hex('00ff')", 'BINARY', 'AP8='],
  ['cast(null as int)', 'INT', null],
  ['cast(null as bit)', 'VOID', null],
  ["''", 'STRING', ''],
  ['list_value(1, null)', 'ARRAY<INT>', [1, null]],
  ['list_value(cast(9007199254740993 as bigint))', 'ARRAY<BIGINT>', ['9007199254740993']],
  ["struct_pack(a := 1, b := 'x')", 'STRUCT<a: INT, b: STRING>', { a: 1, b: 'x' }],
  [
    "map(list_value('a', '__proto__'), list_value(cast(1.5 as double), null))",
    'MAP<STRING, DOUBLE>',
    JSON.parse('{"a":1.5,"__proto__":null}'),
  ],
  ["list_value(cast('1.10' as decimal(10, 2)))", 'ARRAY<DECIMAL(10,2)>', ['1.10']],
  [
    "list_value(cast('12345678901234567890.10' as decimal(30, 2)))",
    'ARRAY<DECIMAL(30,2)>',
    ['12345678901234567890.10'],
  ],
  [
    "list_value(timestamptz '2024-01-02 03:04:05.123456', null)",
    'ARRAY<TIMESTAMP>',
    ['2024-01-02T03:04:05.123456Z', null],
  ],
  ["map(list_value(1), list_value('x'))", 'MAP<INT, STRING>', [{ key: 1, value: 'x' }]],
  [
    "list_value(struct_pack(d := date '2024-01-02', m := map(list_value('k'), list_value(list_value(cast(0.1 as float))))), null)",
    'ARRAY<STRUCT<d: DATE, m: MAP<STRING, ARRAY<FLOAT>>>>',
    [{ d: '2024-01-02', m: { k: [0.1] } }, null],
  ],
];

describe.each(['arrow', 'cloudfetch'] as const)('values of Databricks in %s', (encoding) => {
  test('each as it is', async () => {
    await using databricks = await connected({ encoding });
    for (const [expression, type, json] of CASES) {
      const { columns, rows } = await ask(databricks.driver, `select ${expression} as v, 1 as other`);
      expect([expression, columns[0]?.type]).toEqual([expression, type]);
      expect([expression, JSON.stringify(rows)]).toEqual([expression, JSON.stringify([{ v: json, other: 1 }])]);
    }
  });

  test('several rows with nulls between them', async () => {
    await using databricks = await connected({ encoding, batchRows: 3, fetchRows: 4, directResults: 'off' });
    const query =
      'select case when id % 2 = 0 then id end as n, case when id % 3 = 0 then list_value(id, null) end as l, ' +
      'case when id % 5 = 0 then cast(id as string) end as s from range(100)';
    const { rows } = await ask(databricks.driver, query);
    expect(rows).toEqual(
      Array.from({ length: 100 }, (_, id) => ({
        n: id % 2 === 0 ? id : null,
        l: id % 3 === 0 ? [id, null] : null,
        s: id % 5 === 0 ? String(id) : null,
      })),
    );
  });
});

describe('columns of the protocol itself', () => {
  const column = (kind: string) => ({ name: 'a', type: kind, kind, isUncertain: false });
  const texts = (values: string[], nulls: number[] = []) => ({ stringVal: { values, nulls: Buffer.from(nulls) } });

  test('have no more bits for nulls than they need', () => {
    const { rowCount, columns } = columnChunk([texts(['', 'b', ...'cdefghi'], [1])], [column('STRING')]);
    expect(rowCount).toBe(9);
    expect([0, 1, 8].map((row) => columns[0]?.(row))).toEqual([null, 'b', 'i']);
  });

  test.each([
    ['a column is missing', [texts(['a'])]],
    ['a column is shorter', [texts(['a']), texts([])]],
    ['a column has an unknown form', [texts(['a']), {}]],
  ])('are refused where %s', (_what, wireColumns) => {
    const both = [column('STRING'), column('STRING')];
    expect(() => columnChunk(wireColumns, both)).toThrow(expect.objectContaining({ code: 'incomplete' }));
  });
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
    "select timestamptz '2024-01-02 03:04:05' as t, timestamp '2024-01-02 03:04:05' as l, " +
      "cast('1.5' as decimal(10, 2)) as d, list_value(1) as a",
  );
  expect(columns.map(({ type }) => type)).toEqual(['TIMESTAMP', 'TIMESTAMP_NTZ', 'DECIMAL(10,2)', 'ARRAY']);
  expect(rows).toEqual([{ t: '2024-01-02T03:04:05Z', l: '2024-01-02T03:04:05', d: '1.50', a: [1] }]);
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

test('fields called by numbers keep their order', async () => {
  await using databricks = await connected();
  const query = `select struct_pack("b" := 1, "2" := 2, "1" := 3) as s, map(list_value('2', '1'), list_value(1, 2)) as m`;
  const { rows } = await ask(databricks.driver, query);
  expect(JSON.stringify(rows)).toBe('[{"s":{"b":1,"2":2,"1":3},"m":{"2":1,"1":2}}]');
});
