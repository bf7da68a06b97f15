import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import { openDriver, type ResultFormat, type SqlDriver } from '../src/index.ts';

/** Of each type that DuckDB writes as text by itself, what is likely to come out otherwise than our own JSON. */
const values: Readonly<Record<string, readonly string[]>> = {
  boolean: ['true', 'false'],
  tinyint: ['-128', '127'],
  ubigint: ['18446744073709551615', '0'],
  bigint: ['9007199254740991', '9007199254740992', '-9007199254740992', '0', '-1'],
  hugeint: ['170141183460469231731687303715884105727', '1'],
  float: ['0.1', '-0.0', '1e20', '3.4028235e38', 'nan', 'inf', '-inf', '1e-40'],
  double: ['0.1', '-0.0', '1e21', '1.7976931348623157e308', '5e-324', 'nan', 'inf', '-inf', '123456789.125'],
  'decimal(10, 2)': ['1.10', '-0.05', '0'],
  'decimal(38, 0)': ['12345678901234567890123456789012345678'],
  varchar: ['', ' ', 'NULL', 'null', '"', "it''s", 'a,b', 'line\nbreak', '\r\n', '\t', '🦆', '\\', '{}', '[1]', '1'],
  uuid: ['00112233-4455-6677-8899-aabbccddeeff'],
  date: [
    '2024-02-29',
    '0001-01-01',
    '9999-12-31',
    '10000-01-01',
    '44-03-15 (BC)',
    '1-01-01 (BC)',
    'infinity',
    '-infinity',
  ],
  time: ['00:00:00', '23:59:59.999999', '12:34:56.100000'],
  timestamp: [
    ...['2024-01-02 03:04:05.123456', '1969-12-31 23:59:59', '0001-01-01 00:00:00', '9999-12-31 23:59:59.999999'],
    ...['12024-01-02 03:04:05.100', '44-03-15 (BC) 01:02:03', 'infinity', '-infinity'],
  ],
  timestamptz: ['2024-01-02 03:04:05.123456+05:30', '12024-01-02 03:04:05+00', '44-03-15 (BC) 01:02:03+00', 'infinity'],
  blob: ['\\x00\\xFF\\x7F\\x0A', ''],
};

async function driverIn(directory: string): Promise<SqlDriver> {
  const driver = await openDriver({ driver: 'duckdb', exportDirectory: directory, memoryLimitMb: 256, threads: 2 });
  onTestFinished(() => driver[Symbol.asyncDispose]());
  return driver;
}

test.each(Object.entries(values))(
  '%s is the same in files that DuckDB writes as in a message',
  async (type, literals) => {
    const directory = await mkdtemp(join(tmpdir(), 'sql-export-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    const driver = await driverIn(directory);
    const rows = [...literals.map((text) => `('${text}'::${type})`), `(null::${type})`].join(', ');
    const query = `from (values ${rows}) s(v)`;
    const expected = (await ask(driver, query)).rows;
    const signal = new AbortController().signal;
    const statement = { query, parameters: [], maxRows: 1e6, timeoutMs: 60_000, signal };
    for (const format of ['ndjson', 'json', 'csv'] as const) {
      const path = join(directory, format);
      const exported = await driver.exportFile?.(statement, { path, format, maxBytes: 1e6, previewRows: 100 });
      expect(exported?.preview.map(([v]) => ({ v }))).toEqual(expected);
      const text = readFileSync(path, 'utf8');
      if (format === 'ndjson')
        expect(
          text
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line)),
        ).toEqual(expected);
      if (format === 'json') expect(JSON.parse(text)).toEqual(expected);
      if (format === 'csv')
        expect(fieldsIn(text).slice(1).map(readAs(type))).toEqual(
          expected.map(({ v }) => csvText(v ?? null)).map(readAs(type)),
        );
    }
  },
);

test.each([
  ['alone', "select '-0.0'::double as v"],
  ['beside a value that is none of JSON', "select unnest(['-0.0'::double, 'nan'::double]) as v"],
])('writes minus zero as zero, as JSON.stringify does: %s', async (_how, query) => {
  const directory = await mkdtemp(join(tmpdir(), 'sql-export-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const driver = await driverIn(directory);
  const statement = {
    query,
    ...{ parameters: [], maxRows: 2, timeoutMs: 60_000, signal: new AbortController().signal },
  };
  const path = join(directory, 'zero');
  await driver.exportFile?.(statement, { path, format: 'ndjson', maxBytes: 1e6, previewRows: 0 });
  const [first] = readFileSync(path, 'utf8').split('\n');
  expect(Object.is(JSON.parse(first as string).v, 0)).toBe(true);
});

test.each(['csv', 'json', 'ndjson'] as const)('cuts %s after max_rows, without changing a value', async (format) => {
  const query = `select range as n, 'a"' || range as t, range * 1.5::double as d, null as z, true as b from range(5)`;
  const [cut, whole] = await Promise.all([written(query, format, 2), written(`${query} limit 2`, format, 5)]);
  expect(cut).toEqual({ ...whole, truncated: true });
});

test('gives a DOUBLE the same digits in CSV as in JSON', async () => {
  const query = `select unnest([1e300, 1e-7, 0.1, 'inf']::double[]) as d`;
  expect((await written(query, 'csv', 5)).text).toBe('d\n1e300\n1e-7\n0.1\nInfinity\n');
  expect((await written(query, 'ndjson', 5)).text).toBe('{"d":1e300}\n{"d":1e-7}\n{"d":0.1}\n{"d":"Infinity"}\n');
});

test('writes rows of CSV that DuckDB cannot read', async () => {
  const { text, preview } = await written("select repeat('x', 3000000) as a, range as b from range(2)", 'csv', 5);
  expect(text.length).toBe(6_000_000 + 'a,b\n,0\n,1\n'.length);
  // Too large for a message.
  expect(preview).toEqual([]);
});

test.each([
  ['nested values', 'select [1, 2] as v', 'csv'],
  ['the widest integers', 'select 1::uhugeint as v', 'ndjson'],
  ['intervals', "select interval '1 day' as v", 'ndjson'],
  ['JSON', `select '{"a": 1}'::json as v`, 'json'],
  ['decimals without digits before the point', "select '0.5'::decimal(2, 2) as v", 'csv'],
] as const)('leaves %s to be written by us', async (_what, query, format) => {
  const directory = await mkdtemp(join(tmpdir(), 'sql-export-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const driver = await driverIn(directory);
  const statement = { query, parameters: [], maxRows: 2, timeoutMs: 60_000, signal: new AbortController().signal };
  const target = { path: join(directory, 'x'), format, maxBytes: 1e6, previewRows: 0 };
  expect(await driver.exportFile?.(statement, target)).toBeUndefined();
});

async function written(query: string, format: ResultFormat, maxRows: number) {
  const directory = await mkdtemp(join(tmpdir(), 'sql-export-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const driver = await driverIn(directory);
  const statement = { query, parameters: [], maxRows, timeoutMs: 60_000, signal: new AbortController().signal };
  const path = join(directory, 'file');
  const exported = await driver.exportFile?.(statement, { path, format, maxBytes: 1e8, previewRows: 100 });
  return { ...exported, text: readFileSync(path, 'utf8') };
}

/** The fields of a CSV with one column. NULL is null. */
function fieldsIn(text: string): (string | null)[] {
  const fields: (string | null)[] = [];
  const line = /"((?:[^"]|"")*)"\n|([^\n]*)\n/gy;
  for (let match = line.exec(text); match; match = line.exec(text)) {
    fields.push(match[1]?.replaceAll('""', '"') ?? (match[2] || null));
  }
  return fields;
}

/** A number may be written in several ways. */
function readAs(type: string): (field: string | null) => string | number | null {
  const isNumber = ['float', 'double'].includes(type);
  return (field) => (isNumber && field !== null ? Number(field) + 0 : field);
}

function csvText(value: unknown): string | null {
  return value === null ? null : String(value);
}
