import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import { openDriver } from '../src/index.ts';

/**
 * The engine writes a text of the very values that it hands out: nothing that our JSON says may differ from it.
 *
 * @param literals of values, as texts that a cast to `type` understands
 */
async function valuesAndTexts(type: string, literals: readonly string[]) {
  await using driver = await openDriver({
    driver: 'duckdb',
    dataDirectory: '/nonexistent',
    memoryLimitMb: 256,
    threads: 2,
  });
  const rows = literals.map((_, index) => `(${index}, $${index + 1}::varchar::${type})`).join(', ');
  const query = `select v, v::varchar as t from (values ${rows}) s(i, v) order by i`;
  return (await ask(driver, query, { parameters: literals })).rows;
}

const many = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { minLength: 1, maxLength: 100, size: 'max' });
const holds = <T>(arbitrary: fc.Arbitrary<T>, property: (values: T[]) => Promise<void>) =>
  fc.assert(fc.asyncProperty(many(arbitrary), property), { numRuns: 4 });

describe.concurrent('exact values of DuckDB', () => {
  test.each([
    ['bigint', 63n],
    ['hugeint', 127n],
  ])('%s: a number or a string with the digits of the engine', async (type, bits) => {
    const largest = 2n ** bits - 1n;
    const integer = fc.oneof(
      fc.bigInt({ min: -largest, max: largest }),
      fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
      fc.bigInt({ min: -300n, max: 300n }),
    );
    await holds(integer, async (integers) => {
      const rows = await valuesAndTexts(type, integers.map(String));
      expect(rows.map(({ v }) => String(v))).toEqual(rows.map(({ t }) => t));
      expect(rows.map(({ t }) => t)).toEqual(integers.map(String));
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
        // The engine leaves out a zero before the point where the type has no place for it.
        expect(rows.map(({ v }) => v)).toEqual(rows.map(({ t }) => String(t).replace(/^(-?)\./, '$10.')));
      }),
      { numRuns: 6 },
    );
  });

  test('double: the same number, or the name of what is none', async () => {
    await holds(fc.double(), async (doubles) => {
      const rows = await valuesAndTexts('double', doubles.map(String));
      for (const [index, double] of doubles.entries()) {
        const { v, t } = rows[index] ?? {};
        expect(Number(v)).toBe(double + 0);
        expect(Number(String(t).replace(/inf$/, 'Infinity')) + 0).toBe(double + 0);
      }
    });
  });

  test('float: the number that the engine writes', async () => {
    await holds(fc.float({ noNaN: true, noDefaultInfinity: true }), async (floats) => {
      for (const { v, t } of await valuesAndTexts('float', floats.map(String))) {
        expect(Math.fround(Number(v))).toBe(Math.fround(Number(t)) + 0);
        expect(String(v).length).toBeLessThanOrEqual(String(Number(t)).length);
      }
    });
  });

  test('varchar: every character', async () => {
    await holds(fc.string({ unit: 'binary', maxLength: 20 }), async (texts) => {
      expect((await valuesAndTexts('varchar', texts)).map(({ v }) => v)).toEqual(texts);
    });
  });

  test('blob: every byte', async () => {
    await holds(fc.uint8Array({ maxLength: 50 }), async (arrays) => {
      const literals = arrays.map((bytes) => [...bytes].map((byte) => `\\x${hex(byte)}`).join(''));
      const rows = await valuesAndTexts('blob', literals);
      expect(rows.map(({ v }) => Buffer.from(String(v), 'base64').toString('hex'))).toEqual(
        arrays.map((bytes) => Buffer.from(bytes).toString('hex')),
      );
    });
  });

  test('date, timestamp: what the engine writes, in ISO 8601', async () => {
    // From the year 1 to 9999, where both write years alike.
    const micros = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n });
    await holds(micros, async (instants) => {
      const literals = instants.map((instant) => timestampLiteral(instant));
      for (const { v, t } of await valuesAndTexts('timestamp', literals)) expect(v).toBe(String(t).replace(' ', 'T'));
      for (const { v, t } of await valuesAndTexts('date', literals)) expect(v).toBe(t);
      for (const { v, t } of await valuesAndTexts('timestamptz', literals)) {
        expect(v).toBe(String(t).replace(' ', 'T').replace('+00', 'Z'));
      }
    });
  });

  test('JSON: the same value', async () => {
    await holds(fc.jsonValue({ noUnicodeString: false }), async (values) => {
      const rows = await valuesAndTexts(
        'json',
        values.map((value) => JSON.stringify(value)),
      );
      expect(rows.map(({ v }) => JSON.stringify(v))).toEqual(values.map((value) => JSON.stringify(value)));
    });
  });
});

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
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
