import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { arrow } from '../src/apache-arrow.ts';
import { type DatabricksEndpoint, startDatabricksEndpoint } from '../src/index.ts';
import { DEFAULT_SETTINGS } from '../src/settings.ts';
import { connectTo } from './client.ts';

let endpoint: DatabricksEndpoint;
let driver: Awaited<ReturnType<typeof connectTo>>;

beforeAll(async () => {
  endpoint = await startDatabricksEndpoint();
  driver = await connectTo(endpoint);
});

afterAll(async () => {
  await driver?.[Symbol.asyncDispose]();
  await endpoint?.[Symbol.asyncDispose]();
});

beforeEach(() => {
  Object.assign(endpoint.settings, DEFAULT_SETTINGS);
});

/** One column of every type: name, expression, its value in columns, and in Arrow where that differs. */
const TYPES: readonly [string, string, unknown, unknown?][] = [
  ['boolean', 'true', true],
  ['tinyint', '-7Y', -7],
  ['smallint', '32767S', 32767],
  ['int', 'cast(-2147483648 as int)', -2147483648],
  ['bigint', '9007199254740993L', Number.POSITIVE_INFINITY, 9007199254740993n],
  ['float', 'cast(1.1 as float)', 1.1, Math.fround(1.1)],
  ['double', '1.1D', 1.1],
  ['decimal', '12345678901234567890.123', 12345678901234567000, '12345678901234567890.123'],
  ['negative', '-0.05', -0.05, '-0.05'],
  ['string', `'it\\'s "é" 😀'`, 'it\'s "é" 😀'],
  ['binary', "x'00FF'", Buffer.from([0, 255])],
  ['date', "date '2024-02-29'", '2024-02-29', new Date('2024-02-29')],
  [
    'timestamp',
    "timestamp '2024-01-02 03:04:05.123456'",
    '2024-01-02 03:04:05.123456',
    new Date('2024-01-02T03:04:05.123Z'),
  ],
  ['timestamp_ntz', "timestamp_ntz '0001-01-01 00:00:00'", '0001-01-01 00:00:00', new Date('0001-01-01T00:00:00Z')],
  ['months', "interval '-1-2' year to month", '-1-2'],
  ['seconds', "interval '1 02:03:04.5' day to second", '1 02:03:04.500000000'],
  ['array', 'array(1, null, 3)', [1, null, 3]],
  ['map', "map('k', 1.5, 'l', null)", { k: 1.5, l: null }, { k: '1.5', l: null }],
  ['struct', "named_struct('a', 1, 'b', array('x'))", { a: 1, b: ['x'] }],
  ['void', 'null', null],
];

const statement = (nulls: boolean) =>
  `select ${TYPES.map(([name, expression]) => {
    return nulls ? `case when id = 1 then null else ${expression} end as \`${name}\`` : `${expression} as \`${name}\``;
  })} from range(3)`;

const ENCODINGS = ['columns', 'arrow', 'cloudfetch'] as const;
const DIRECT = ['off', 'closing', 'first'] as const;
const all = ENCODINGS.flatMap((encoding) => DIRECT.map((directResults) => ({ encoding, directResults })));

describe.each(all)('in $encoding with direct results $directResults', (settings) => {
  test('every type arrives', async () => {
    Object.assign(endpoint.settings, settings, { directRows: 1, batchRows: 2 });
    const value = Object.fromEntries(
      TYPES.map(([name, , inColumns, inArrow = inColumns]) => [
        name,
        settings.encoding === 'columns' ? inColumns : inArrow,
      ]),
    );
    expect(await driver.rows(statement(false))).toEqual([value, value, value]);
  });

  test('nulls arrive at their places', async () => {
    Object.assign(endpoint.settings, settings, { directRows: 2, batchRows: 3 });
    const rows = (await driver.rows(statement(true))) as Record<string, unknown>[];
    expect(rows.map((row) => Object.values(row).every((value) => value === null))).toEqual([false, true, false]);
    expect(rows[2]).toEqual(rows[0]);
  });

  test('100,000 rows arrive in several fetches, each once and in order', async () => {
    Object.assign(endpoint.settings, settings, { fetchRows: 30_000, batchRows: 20_000 });
    const before = endpoint.requests.length;
    const rows = await driver.rows('select id, id * 2 as twice from range(100000)');
    expect(rows).toHaveLength(100_000);
    expect(rows.every((row, i) => Number((row as { id: bigint }).id) === i)).toBe(true);
    const fetches = endpoint.requests.slice(before).filter((request) => request.name === 'FetchResults');
    expect(fetches.length).toBeGreaterThanOrEqual(4);
  });

  test('an empty result has its columns and no rows', async () => {
    Object.assign(endpoint.settings, settings);
    const operation = await driver.session.executeStatement('select 1 as a where false');
    expect(await operation.fetchAll()).toEqual([]);
    const schema = (await operation.getSchema()) as { columns: object[] };
    expect(schema.columns).toMatchObject([{ columnName: 'a', position: 1 }]);
    await operation.close();
  });
});

test('types without native Arrow are strings with all digits', async () => {
  const config = (driver.client as unknown as { getConfig: () => { useArrowNativeTypes: boolean } }).getConfig();
  config.useArrowNativeTypes = false;
  try {
    const rows = await driver.rows(
      "select timestamp '2024-01-02 03:04:05.123456' a, 12345678901234567890.123 d, array(1) l",
    );
    expect(rows).toEqual([{ a: '2024-01-02 03:04:05.123456', d: '12345678901234567890.123', l: [1] }]);
  } finally {
    config.useArrowNativeTypes = true;
  }
});

test('the metadata tells types, precision and scale, and Arrow fields their type on Databricks', async () => {
  const operation = await driver.session.executeStatement(
    "select 1.50 as d, array(map('a', named_struct('x', 1))) as c, timestamp_ntz '2024-01-01 00:00:00' as n",
  );
  await operation.finished();
  const metadata = await operation.getResultMetadata();
  expect(metadata.schema?.columns[0]?.typeDesc.types[0]?.primitiveEntry).toMatchObject({
    type: 15,
    typeQualifiers: { qualifiers: { precision: { i32Value: 3 }, scale: { i32Value: 2 } } },
  });
  const fields = arrow.tableFromIPC(metadata.arrowSchema).schema.fields;
  expect(fields.map((field) => field.metadata.get('Spark:DataType:SqlName'))).toEqual([
    'DECIMAL(3,2)',
    'ARRAY<MAP<STRING, STRUCT<x: INT>>>',
    'TIMESTAMP_NTZ',
  ]);
  await operation.close();
});

test('compressed batches arrive', async () => {
  endpoint.settings.lz4 = true;
  expect(await driver.rows('select id from range(3)', { useCloudFetch: false })).toEqual([
    { id: 0n },
    { id: 1n },
    { id: 2n },
  ]);
});

test('a time zone of the session shifts strings, not instants', async () => {
  await using other = await connectTo(endpoint);
  await other.rows("set time zone 'Europe/Paris'");
  const text = "select timestamp '2024-07-01 12:00:00' t, timestamp_ntz '2024-07-01 12:00:00' n";
  expect(await other.rows(text)).toEqual([
    { t: new Date('2024-07-01T10:00:00Z'), n: new Date('2024-07-01T12:00:00Z') },
  ]);
  endpoint.settings.encoding = 'columns';
  expect(await other.rows(text)).toEqual([{ t: '2024-07-01 12:00:00', n: '2024-07-01 12:00:00' }]);
});

test('types do not depend on the values where they do not on Databricks', async () => {
  const operation = await driver.session.executeStatement(
    'select cast(null as decimal(10, 0)) as d, sum(id) as s, count(*) from range(3); -- done',
  );
  expect(await operation.fetchAll()).toEqual([{ d: null, s: 3n, 'count(1)': 3n }]);
  const { schema } = await operation.getResultMetadata();
  const types = schema?.columns.map((column) => column.typeDesc.types[0]?.primitiveEntry?.type);
  expect(types).toEqual([15, 4, 4]);
  await operation.close();
});

test('DESCRIBE QUERY tells the types, and runs nothing', async () => {
  const rows = await driver.rows(
    "describe query select 1.5 as d, timestamp_ntz '2024-01-01' as n, raise_error('x') as e",
  );
  expect(rows).toMatchObject([
    { col_name: 'd', data_type: 'decimal(2,1)' },
    { col_name: 'n', data_type: 'timestamp_ntz' },
    { col_name: 'e' },
  ]);
});

test('columns that do not tell of more rows are fetched until one answer is empty', async () => {
  Object.assign(endpoint.settings, { encoding: 'columns', directResults: 'off', columnsTellMore: false, fetchRows: 3 });
  expect(await driver.rows('select id from range(10)')).toHaveLength(10);
});
