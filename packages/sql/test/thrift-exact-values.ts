import type { JsonObject } from '@taskwire/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import type { SqlDriver } from '../src/driver.ts';

export interface ExactValuesSuite {
  /** How the rows come, for the names of the tests. */
  name: string;
  driver: () => SqlDriver;
  /** An expression for a list of one. */
  list: (item: string) => string;
  types: { timestamp: string; local: string };
  /** Whether values within lists come as values, and not as the engine's text. */
  listsAreValues: boolean;
  /** How many tables of values each property gets. */
  numRuns: number;
}

/** Whatever a server can say is said as it is. */
export function describeExactValues({ name, driver, list, types, listsAreValues, numRuns }: ExactValuesSuite): void {
  describe(`exact values in ${name}`, () => {
    const many = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { minLength: 1, maxLength: 60, size: 'max' });
    const holds = <T>(arbitrary: fc.Arbitrary<T>, property: (values: T[]) => Promise<void>) =>
      fc.assert(fc.asyncProperty(many(arbitrary), property), { numRuns });

    /** The engine writes a text of the very values that it hands out: nothing that our JSON says may differ from it. */
    async function valuesAndTexts(type: string, literals: readonly string[]): Promise<JsonObject[]> {
      const rows = literals.map((_, index) => `(${index}, cast($v${index} as ${type}))`).join(', ');
      const query = `select v, ${list('v')} as a, cast(v as string) as t from (values ${rows}) as s(i, v) order by i`;
      const parameters = Object.fromEntries(literals.map((literal, index) => [`v${index}`, literal]));
      const result = await ask(driver(), query, { parameters });
      expect(result.rows).toHaveLength(literals.length);
      return result.rows;
    }

    test('bigint: a number or a string with the digits of the engine, also in a list', async () => {
      const integer = fc.oneof(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
        fc.bigInt({ min: -300n, max: 300n }),
      );
      await holds(integer, async (integers) => {
        const rows = await valuesAndTexts('bigint', integers.map(String));
        expect(rows.map(({ v }) => String(v))).toEqual(integers.map(String));
        expect(rows.map(({ t }) => t)).toEqual(integers.map(String));
        expect(rows.map(({ a }) => String(a).replaceAll(/[[\]]/g, ''))).toEqual(integers.map(String));
        for (const { v } of rows) expect(typeof v === 'string' || Number.isSafeInteger(v)).toBe(true);
      });
    });

    test('decimal: a string with the digits and the scale of the engine', async () => {
      const type = fc.tuple(fc.integer({ min: 1, max: 38 }), fc.nat(38));
      const digits = many(fc.bigInt({ min: -(10n ** 38n - 1n), max: 10n ** 38n - 1n }));
      await fc.assert(
        fc.asyncProperty(type, digits, async ([width, atMostScale], all) => {
          const scale = Math.min(width, atMostScale);
          const literals = all.map((each) => decimalLiteral(each % 10n ** BigInt(width), scale));
          const rows = await valuesAndTexts(`decimal(${width}, ${scale})`, literals);
          expect(rows.map(({ v }) => v)).toEqual(literals);
          if (listsAreValues) expect(rows.map(({ a }) => a)).toEqual(literals.map((literal) => [literal]));
        }),
        { numRuns },
      );
    });

    test('double: the same number, or the name of what is none', async () => {
      await holds(fc.double(), async (doubles) => {
        const rows = await valuesAndTexts('double', doubles.map(String));
        for (const [index, double] of doubles.entries()) expect(Number(rows[index]?.v)).toBe(double + 0);
      });
    });

    test('float: the shortest number that is the same', async () => {
      await holds(fc.float({ noNaN: true, noDefaultInfinity: true }), async (floats) => {
        for (const { v, t } of await valuesAndTexts('float', floats.map(String))) {
          expect(Math.fround(Number(v))).toBe(Math.fround(Number(t)) + 0);
          expect(String(v).length).toBeLessThanOrEqual(String(Number(t)).length);
        }
      });
    });

    test('string: every character', async () => {
      const text = fc.string({ unit: 'binary', maxLength: 20 });
      await holds(text, async (texts) => {
        const rows = await valuesAndTexts('string', texts);
        expect(rows.map(({ v }) => v)).toEqual(texts);
        if (listsAreValues) expect(rows.map(({ a }) => a)).toEqual(texts.map((text) => [text]));
      });
    });

    test('date, timestamp: what the engine writes, in ISO 8601', async () => {
      // From the year 1 to 9999, where both write years alike.
      const micros = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n });
      await holds(micros, async (instants) => {
        const literals = instants.map(timestampLiteral);
        const local = await valuesAndTexts(types.local, literals);
        const isoTexts = local.map(({ t }) => String(t).replace(' ', 'T'));
        expect(local.map(({ v }) => v)).toEqual(isoTexts);
        for (const { v, t } of await valuesAndTexts('date', literals)) expect(v).toBe(t);
        const zoned = await valuesAndTexts(
          types.timestamp,
          literals.map((literal) => `${literal}+00:00`),
        );
        expect(zoned.map(({ v }) => v)).toEqual(isoTexts.map((text) => `${text}Z`));
      });
    });
  });
}

function decimalLiteral(digits: bigint, scale: number): string {
  if (scale === 0) return String(digits);
  const size = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  return `${digits < 0n ? '-' : ''}${size.slice(0, -scale)}.${size.slice(-scale)}`;
}

function timestampLiteral(micros: bigint): string {
  const millis = micros / 1000n - (micros % 1000n < 0n ? 1n : 0n);
  const rest = String(micros - millis * 1000n).padStart(3, '0');
  return new Date(Number(millis)).toISOString().replace('Z', rest);
}
