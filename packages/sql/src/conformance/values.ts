import type { JsonValue } from '@taskwire/protocol';
import { describe, expect, test } from 'vitest';
import { ask } from './ask.ts';
import type { SqlDriverSuite } from './dialect.ts';

export function describeValues({ create, dialect }: SqlDriverSuite): void {
  const { text, double, timestamp, timestampWithTimeZone, binary, list } = dialect.expressions;
  const values: [what: string, expression: string, json: JsonValue][] = [
    ['NULL', 'cast(null as integer)', null],
    ['a boolean', '1 = 1', true],
    ['an integer', 'cast(-7 as integer)', -7],
    ['the largest safe integer', 'cast(9007199254740991 as bigint)', 9007199254740991],
    ['an integer beyond 2^53', 'cast(9007199254740993 as bigint)', '9007199254740993'],
    ['the smallest integer', "cast('-9223372036854775808' as bigint)", '-9223372036854775808'],
    ['a decimal, with its scale', "cast('1.10' as decimal(10, 2))", '1.10'],
    ['a decimal below one', "cast('-0.05' as decimal(5, 2))", '-0.05'],
    [
      'a decimal of 38 digits',
      "cast('12345678901234567890123456789012345.678' as decimal(38, 3))",
      '12345678901234567890123456789012345.678',
    ],
    ['a double', double('0.1'), 0.1],
    ['a large double', double('1.7976931348623157e308'), 1.7976931348623157e308],
    ['not a number', double('NaN'), 'NaN'],
    ['infinity', double('Infinity'), 'Infinity'],
    ['minus infinity', double('-Infinity'), '-Infinity'],
    ['a date', "cast('2024-02-29' as date)", '2024-02-29'],
    ['an early date', "cast('0001-01-01' as date)", '0001-01-01'],
    ['a timestamp', timestamp('2024-01-02 03:04:05.123456'), '2024-01-02T03:04:05.123456'],
    ['a timestamp on the second', timestamp('1969-12-31 23:59:59'), '1969-12-31T23:59:59'],
    [
      'a timestamp with time zone',
      timestampWithTimeZone('2024-01-02 03:04:05.123456+05:30'),
      '2024-01-01T21:34:05.123456Z',
    ],
    ['binary', binary('00ff7f0a'), 'AP9/Cg=='],
    ['no bytes', binary(''), ''],
    ['a list', list(['1', 'null', '3']), dialect.listAsText ? '[1,null,3]' : [1, null, 3]],
    [
      'a list with an integer beyond 2^53',
      list(['cast(9007199254740993 as bigint)']),
      dialect.listAsText ? '[9007199254740993]' : ['9007199254740993'],
    ],
    ['an empty text', "''", ''],
    ['a text that begins with a byte order mark', text('\ufeffx'), '\ufeffx'],
    ['a text with everything', text('it\'s "ü" 🦆\n\t\\ 東京'), 'it\'s "ü" 🦆\n\t\\ 東京'],
  ];

  describe('values', () => {
    test.each(values)('writes %s: %s', async (_what, expression, json) => {
      await using driver = await create();
      const { rows } = await ask(driver, `select ${expression} as v`);
      expect(rows).toEqual([{ v: json }]);
      expect(JSON.parse(JSON.stringify(rows))).toEqual(rows);
    });

    test('tells NULL from an empty text', async () => {
      await using driver = await create();
      const { rows } = await ask(driver, "select cast(null as varchar(10)) as a, '' as b");
      expect(rows).toEqual([{ a: null, b: '' }]);
    });

    test('names the type of a column', async () => {
      await using driver = await create();
      const { columns } = await ask(driver, "select cast('1.10' as decimal(10, 2)) as v");
      expect(columns[0]?.type.toLowerCase().replaceAll(' ', '')).toBe(dialect.types.decimal);
    });
  });
}
