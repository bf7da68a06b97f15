import { hasPostgres } from '@taskwire/testing/postgres';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import { isoDuration } from '../src/values/iso-8601.ts';
import { usePostgres } from './postgres-fixture.ts';

const many = <T>(arbitrary: fc.Arbitrary<T>) => fc.array(arbitrary, { minLength: 1, maxLength: 100, size: 'max' });
const holds = <T>(arbitrary: fc.Arbitrary<T>, property: (values: T[]) => Promise<void>) =>
  fc.assert(fc.asyncProperty(many(arbitrary), property), { numRuns: 4 });
/** Every character but the one that PostgreSQL has no place for. */
const text = fc.string({ unit: 'binary', maxLength: 20 }).map((value) => value.replaceAll('\0', ''));

describe.skipIf(!hasPostgres())('exact values of PostgreSQL', () => {
  const postgres = usePostgres();
  beforeAll(() =>
    postgres.server.query('create type pair as (a text, b text); create extension hstore', postgres.database),
  );

  /**
   * The engine writes a text of the very values that it hands out: nothing that our JSON says may differ from it.
   *
   * @param literals of values, as texts that a cast to `type` understands
   */
  async function valuesAndTexts(type: string, literals: readonly (string | null)[], asText = 'v::text') {
    await using driver = postgres.open();
    const rows = literals.map((_, index) => `(${index}, $${index + 1}::text::${type})`).join(', ');
    const query = `select v, ${asText} as t from (values ${rows}) s(i, v) order by i`;
    return (await ask(driver, query, { parameters: literals })).rows;
  }

  test('bigint: a number or a string with the digits of the engine', async () => {
    const integer = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
      fc.bigInt({ min: -300n, max: 300n }),
    );
    await holds(integer, async (integers) => {
      const rows = await valuesAndTexts('bigint', integers.map(String));
      expect(rows.map(({ v }) => String(v))).toEqual(integers.map(String));
      expect(rows.map(({ t }) => t)).toEqual(integers.map(String));
      for (const { v } of rows) expect(typeof v === 'string' || Number.isSafeInteger(v)).toBe(true);
    });
  });

  test('numeric: a string with the digits and the scale of the engine', async () => {
    await holds(fc.tuple(fc.bigInt(), fc.nat(60)), async (numbers) => {
      const literals = numbers.map(([digits, exponent]) => `${digits}e-${exponent}`);
      const rows = await valuesAndTexts('numeric', literals);
      expect(rows.map(({ v }) => v)).toEqual(rows.map(({ t }) => t));
      const digits = (value: unknown) => BigInt(String(value).replace('.', ''));
      expect(rows.map(({ v }) => digits(v))).toEqual(numbers.map(([all]) => all));
    });
  });

  test('double precision: the same number, or the name of what is none', async () => {
    await holds(fc.double(), async (doubles) => {
      const rows = await valuesAndTexts('double precision', doubles.map(String));
      for (const [index, double] of doubles.entries()) {
        expect(Number(rows[index]?.v)).toBe(double + 0);
        expect(Number(rows[index]?.t) + 0).toBe(double + 0);
      }
    });
  });

  test('real: the number that the engine writes, in as few digits', async () => {
    await holds(fc.float({ noNaN: true, noDefaultInfinity: true }), async (floats) => {
      for (const [index, { v, t }] of (await valuesAndTexts('real', floats.map(String))).entries()) {
        expect(Number(v)).toBe(Number(t) + 0);
        expect(Math.fround(Number(v))).toBe((floats[index] as number) + 0);
      }
    });
  });

  test('text: every character', async () => {
    await holds(text, async (texts) => {
      expect((await valuesAndTexts('text', texts)).map(({ v }) => v)).toEqual(texts);
    });
  });

  test('arrays and composites: every character, and NULL', async () => {
    const maybe = fc.oneof(
      text,
      fc.constantFrom('NULL', 'null', '', ' ', '"', '\\', '{}', '(,)', '""', '\\"'),
      fc.constant(null),
    );
    await using driver = postgres.open();
    await holds(fc.tuple(maybe, maybe), async (pairs) => {
      const places = pairs.map((_, index) => `(${index}, $${index * 2 + 1}::text, $${index * 2 + 2}::text)`).join(', ');
      const query = `select array[a, b] as list, array[[a], [b]] as nested, row(a, b)::pair as pair, row(a, b) as record,
        row(a, row(a, b)::pair) as deep, array[row(a, b)::pair, null] as pairs from (values ${places}) s(i, a, b) order by i`;
      const { rows } = await ask(driver, query, { parameters: pairs.flat() });
      expect(rows).toEqual(
        pairs.map(([a, b]) => ({
          list: [a, b],
          nested: [[a], [b]],
          pair: { a, b },
          record: [a, b],
          deep: [a, expect.stringMatching(/^\(.*\)$/s)],
          pairs: [{ a, b }, null],
        })),
      );
    });
  });

  test('hstore: every character, and NULL', async () => {
    await using driver = postgres.open();
    const pair = fc.tuple(text, fc.option(text));
    await holds(fc.uniqueArray(pair, { maxLength: 5, selector: ([key]) => key }), async (lists) => {
      const places = lists.map((pairs, index) => {
        const calls = pairs.map((_, each) => `hstore($k${index}_${each}::text, $v${index}_${each}::text)`);
        return `(${index}, ${["''::hstore", ...calls].join(' || ')})`;
      });
      const parameters = Object.fromEntries(
        lists.flatMap((pairs, index) =>
          pairs.flatMap(([key, value], each) => [
            [`k${index}_${each}`, key],
            [`v${index}_${each}`, value],
          ]),
        ),
      );
      const query = `select v from (values ${places.join(', ')}) s(i, v) order by i`;
      const { rows } = await ask(driver, query, { parameters });
      expect(rows).toEqual(lists.map((pairs) => ({ v: Object.fromEntries(pairs) })));
    });
  });

  test('bytea: every byte', async () => {
    await holds(fc.uint8Array({ maxLength: 50 }), async (arrays) => {
      const hex = arrays.map((bytes) => Buffer.from(bytes).toString('hex'));
      const rows = await valuesAndTexts(
        'bytea',
        hex.map((digits) => `\\x${digits}`),
      );
      expect(rows.map(({ v }) => Buffer.from(String(v), 'base64').toString('hex'))).toEqual(hex);
    });
  });

  test('date, timestamp: what the engine writes, in ISO 8601', async () => {
    // From the year 1 to 9999, where both write years alike.
    const micros = fc.bigInt({ min: -62_135_596_800_000_000n, max: 253_402_300_799_999_999n });
    await holds(micros, async (instants) => {
      const literals = instants.map(timestampLiteral);
      for (const { v, t } of await valuesAndTexts('timestamp', literals)) expect(v).toBe(String(t).replace(' ', 'T'));
      for (const { v, t } of await valuesAndTexts('date', literals)) expect(v).toBe(t);
      for (const { v, t } of await valuesAndTexts('timestamptz', literals)) {
        expect(v).toBe(String(t).replace(' ', 'T').replace('+00', 'Z'));
      }
    });
  });

  test('timestamp: as many microseconds as the engine counts, in every year', async () => {
    const days = fc.integer({ min: -2_400_000, max: 100_000_000 });
    await using driver = postgres.open();
    await holds(days, async (all) => {
      const places = all.map((_, index) => `(${index}, $${index + 1}::int)`).join(', ');
      const query = `select timestamp '1970-01-01' + d * interval '1 day' as v, date '1970-01-01' + d as d
        from (values ${places}) s(i, d) order by i`;
      const { rows } = await ask(driver, query, { parameters: all });
      expect(rows).toEqual(
        all.map((day) => {
          const iso = new Date(day * 86_400_000).toISOString();
          return { v: iso.replace('.000Z', ''), d: iso.split('T')[0] };
        }),
      );
    });
  });

  test('interval: its months, days and microseconds, written as those of other engines', async () => {
    const months = fc.integer({ min: -100_000, max: 100_000 });
    const micros = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
    await holds(fc.tuple(months, months, micros), async (parts) => {
      const literals = parts.map(([m, d, u]) => `${m} months ${d} days ${u} microseconds`);
      const rows = await valuesAndTexts('interval', literals);
      expect(rows.map(({ v }) => v)).toEqual(parts.map(([m, d, u]) => isoDuration({ months: m, days: d, micros: u })));
    });
  });

  test.each(['json', 'jsonb'])('%s: the same value', async (type) => {
    const json = fc.jsonValue({ noUnicodeString: false }).map((value) => JSON.stringify(value));
    await holds(
      json.filter((value) => !value.includes('\\u0000')),
      async (values) => {
        const rows = await valuesAndTexts(type, values);
        // jsonb has an order of keys of its own, and writes its numbers otherwise.
        if (type === 'json') expect(rows.map(({ v }) => JSON.stringify(v))).toEqual(values);
        else expect(rows.map(({ v }) => v)).toEqual(values.map((value) => JSON.parse(value, noMinusZero)));
      },
    );
  });
});

function noMinusZero(_key: string, value: unknown): unknown {
  return Object.is(value, -0) ? 0 : value;
}

function timestampLiteral(micros: bigint): string {
  const millis = micros / 1000n - (micros % 1000n < 0n ? 1n : 0n);
  const rest = String(micros - millis * 1000n).padStart(3, '0');
  return new Date(Number(millis)).toISOString().replace('Z', rest);
}
