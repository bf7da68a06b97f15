import type { JsonValue } from '@taskwire/protocol';
import { describe, expect, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import { openDriver } from '../src/index.ts';

const open = () => openDriver({ driver: 'duckdb', dataDirectory: '/nonexistent', memoryLimitMb: 256, threads: 2 });

describe.concurrent('values of DuckDB', () => {
  test.each<[expression: string, type: string, json: JsonValue]>([
    ['1::hugeint', 'HUGEINT', 1],
    ["'170141183460469231731687303715884105727'::hugeint", 'HUGEINT', '170141183460469231731687303715884105727'],
    ["'340282366920938463463374607431768211455'::uhugeint", 'UHUGEINT', '340282366920938463463374607431768211455'],
    ['18446744073709551615::ubigint', 'UBIGINT', '18446744073709551615'],
    [
      "'99999999999999999999999999999999999999999999'::bignum",
      'BIGNUM',
      '99999999999999999999999999999999999999999999',
    ],
    ['255::utinyint', 'UTINYINT', 255],
    ['0.1::float', 'FLOAT', 0.1],
    ['16777216::float', 'FLOAT', 16777216],
    ["'nan'::float", 'FLOAT', 'NaN'],
    ['-0.0::double', 'DOUBLE', 0],
    ["'2024-01-02 03:04:05.120'::timestamp_ms", 'TIMESTAMP_MS', '2024-01-02T03:04:05.12'],
    ["'2024-01-02 03:04:05'::timestamp_s", 'TIMESTAMP_S', '2024-01-02T03:04:05'],
    ["'2024-01-02 03:04:05.123456789'::timestamp_ns", 'TIMESTAMP_NS', '2024-01-02T03:04:05.123456789'],
    ["'2024-01-02 03:04:05'::timestamptz", 'TIMESTAMP WITH TIME ZONE', '2024-01-02T03:04:05Z'],
    ["'infinity'::date", 'DATE', 'infinity'],
    ["'-infinity'::date", 'DATE', '-infinity'],
    ["'infinity'::timestamp", 'TIMESTAMP', 'infinity'],
    ["'-infinity'::timestamptz", 'TIMESTAMP WITH TIME ZONE', '-infinity'],
    ["'infinity'::timestamp_s", 'TIMESTAMP_S', 'infinity'],
    ["'infinity'::timestamp_ms", 'TIMESTAMP_MS', 'infinity'],
    ["'-infinity'::timestamp_ns", 'TIMESTAMP_NS', '-infinity'],
    ["'0044-03-15 (BC)'::date", 'DATE', '-000043-03-15'],
    ["'290000-02-28 01:00:00'::timestamp", 'TIMESTAMP', '+290000-02-28T01:00:00'],
    ["'23:59:59.5'::time", 'TIME', '23:59:59.5'],
    ["'24:00:00'::time", 'TIME', '24:00:00'],
    ["'01:02:03.000000009'::time_ns", 'TIME_NS', '01:02:03.000000009'],
    ["'12:34:56.789+05:30'::timetz", 'TIME WITH TIME ZONE', '12:34:56.789+05:30'],
    ["interval '14 months -3 days 04:05:06.789'", 'INTERVAL', 'P1Y2M-3DT4H5M6.789S'],
    ["'8F14E45F-CEEA-467F-9B3C-1B3E4A1D2C3B'::uuid", 'UUID', '8f14e45f-ceea-467f-9b3c-1b3e4a1d2c3b'],
    ["'b'::enum('a', 'b')", 'ENUM', 'b'],
    ["'0101'::bit", 'BIT', '0101'],
    ["'\\x00\\xFF'::blob", 'BLOB', 'AP8='],
    ["'POINT(1 2)'::geometry", 'GEOMETRY', 'AQEAAAAAAAAAAADwPwAAAAAAAABA'],
    ["chr(0) || 'a'", 'VARCHAR', '\0a'],
    ['null', 'INTEGER', null],
    ['[[1.10], [null], []]', 'DECIMAL(3,2)[][]', [['1.10'], [null], []]],
    ["['2024-01-02'::date, 'infinity']::date[2]", 'DATE[2]', ['2024-01-02', 'infinity']],
    [
      "{'a': 9007199254740993, 'b': {'c': 0.1::float}}",
      'STRUCT("a" BIGINT, "b" STRUCT("c" FLOAT))',
      {
        a: '9007199254740993',
        b: { c: 0.1 },
      },
    ],
    ["row(1, 'x')", 'STRUCT("" INTEGER, "" VARCHAR)', [1, 'x']],
    [
      "[row(1, row('x', null)), null]",
      'STRUCT("" INTEGER, "" STRUCT("" VARCHAR, "" INTEGER))[]',
      [[1, ['x', null]], null],
    ],
    ["map {'a': 1.5, '__proto__': null}", 'MAP(VARCHAR, DECIMAL(2,1))', JSON.parse('{"a":"1.5","__proto__":null}')],
    ["map {1: 'x'}", 'MAP(INTEGER, VARCHAR)', [{ key: 1, value: 'x' }]],
    [
      `map {'{"a":1}'::json: 1, '{"b":2}'::json: 2}`,
      'MAP(VARCHAR, INTEGER)',
      [
        { key: { a: 1 }, value: 1 },
        { key: { b: 2 }, value: 2 },
      ],
    ],
    ["['a']::enum('a', 'b')[]", "ENUM('a', 'b')[]", ['a']],
    ["map {'a': row(1, 2)}", 'MAP(VARCHAR, STRUCT("" INTEGER, "" INTEGER))', { a: [1, 2] }],
    ['union_value(a := 9007199254740993)', 'UNION("a" BIGINT)', '9007199254740993'],
    ["{'a': 1.5, 'b': [date '2024-01-02']}::variant", 'VARIANT', { a: '1.5', b: ['2024-01-02'] }],
    [
      '\'{"a": 12345678901234567890, "b": [1, 1.50, "1"]}\'::json',
      'JSON',
      {
        a: '12345678901234567890',
        b: [1, 1.5, '1'],
      },
    ],
    ["['1'::json]", 'VARCHAR[]', [1]],
    ["'null'::json", 'JSON', null],
  ])('writes %s', async (expression, type, json) => {
    await using driver = await open();
    const { columns, rows } = await ask(driver, `select ${expression} as v`);
    expect(columns).toMatchObject([{ name: 'v', type }]);
    expect(JSON.stringify(rows)).toBe(JSON.stringify([{ v: json }]));
  });

  test('keeps a field called __proto__', async () => {
    await using driver = await open();
    const { rows } = await ask(driver, "select {'__proto__': 1, 'a': 2} as v");
    expect(JSON.stringify(rows)).toBe('[{"v":{"__proto__":1,"a":2}}]');
  });

  test('writes something for every type that DuckDB has', async () => {
    await using driver = await open();
    const { columns, rows } = await ask(driver, 'from test_all_types()');
    expect(rows).toHaveLength(3);
    expect(columns.length).toBeGreaterThan(50);
    expect(JSON.parse(JSON.stringify(rows))).toEqual(rows);
  });

  test('takes times without a zone for UTC, wherever the worker runs', async () => {
    await using driver = await open();
    const { rows } = await ask(driver, "select '2024-07-01 12:00:00'::timestamptz::varchar as v");
    expect(rows).toEqual([{ v: '2024-07-01 12:00:00+00' }]);
  });
});
