import type { JsonValue } from '@taskwire/protocol';
import { describe, expect, test } from 'vitest';
import type { SqlParameters } from '../driver.ts';
import { ask } from './ask.ts';
import type { SqlDriverSuite } from './dialect.ts';

export function describeParameters({ create, dialect }: SqlDriverSuite): void {
  describe('parameters', () => {
    test('takes a list for ?', async () => {
      await using driver = await create();
      const query = `select n from (${dialect.series(9)}) s where n > ? and n <= ? order by n`;
      expect((await ask(driver, query, { parameters: [3, 5] })).rows).toEqual([{ n: 4 }, { n: 5 }]);
    });

    test('takes an object for $name, which may stand in several places', async () => {
      await using driver = await create();
      const query = `select n from (${dialect.series(9)}) s where n > $low and n <= $high or n = $low + $high order by n`;
      const { rows } = await ask(driver, query, { parameters: { low: 2, high: 4 } });
      expect(rows).toEqual([{ n: 3 }, { n: 4 }, { n: 6 }]);
    });

    test.each<[what: string, type: string, value: JsonValue, json: JsonValue]>([
      ['a text that is SQL', 'varchar(100)', "'; drop table x; -- ? $1", "'; drop table x; -- ? $1"],
      ['a text with everything', 'varchar(100)', '🦆 "ü" \\ \n東京', '🦆 "ü" \\ \n東京'],
      ['an empty text', 'varchar(100)', '', ''],
      ['a whole number', 'bigint', 2 ** 40, 2 ** 40],
      ['an integer beyond 2^53, as a string', 'bigint', '-9007199254740993', '-9007199254740993'],
      ['a decimal, as a string', 'decimal(10, 2)', '1.10', '1.10'],
      ['a fraction', dialect.types.double, 0.1, 0.1],
      ['a boolean', 'boolean', false, false],
      ['null', 'integer', null, null],
      ['a date', 'date', '2024-02-29', '2024-02-29'],
    ])('binds %s', async (_what, type, value, json) => {
      await using driver = await create();
      const { rows } = await ask(driver, `select cast(? as ${type}) as v`, { parameters: [value] });
      expect(rows).toEqual([{ v: json }]);
    });

    test('leaves a question mark in a text or a comment alone', async () => {
      await using driver = await create();
      const { rows } = await ask(driver, "select '?' as a, cast(? as integer) as b /* ? */ -- ?", { parameters: [1] });
      expect(rows).toEqual([{ a: '?', b: 1 }]);
    });

    test.each<[what: string, condition: string, parameters: SqlParameters, message: RegExp]>([
      ['too few values', 'n = ? or n = ?', [1], /placeholder 2\b/],
      ['too many values', 'n = ?', [1, 2], /placeholder 2\b/],
      ['values without placeholders', 'n = 1', [1], /placeholder 1\b/],
      ['a missing name', 'n = $a or n = $b', { a: 1 }, /\$b\b/],
      ['an unknown name', 'n = $a', { a: 1, wrong: 2 }, /\$wrong\b/],
      ['a name inherited by every object', 'n = $constructor', {}, /\$constructor\b/],
      ['an object for ?', 'n = ?', { a: 1 }, /list/],
      ['a list for $name', 'n = $a', [1], /object/],
      ['a list as a value', 'n = ?', [[1]], /placeholder 1\b/],
      ['half a character', 'n = $a', { a: '\ud83e' }, /\$a\b/],
      ['an integer that JSON has rounded', 'n = $a', { a: 2 ** 53 }, /\$a\b.*string/],
    ])('refuses %s, and says which', async (_what, condition, parameters, message) => {
      await using driver = await create();
      const query = `select n from (${dialect.series(3)}) s where ${condition}`;
      await expect(ask(driver, query, { parameters })).rejects.toMatchObject({
        code: 'parameters',
        message: expect.stringMatching(message),
      });
    });
  });
}
