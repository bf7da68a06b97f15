import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
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

/** One column of every type: name, expression, its value in the library. */
const TYPES: readonly [string, string, unknown][] = [
  ['boolean', 'true', true],
  ['tinyint', 'cast(-7 as tinyint)', -7],
  ['smallint', 'cast(32767 as smallint)', 32767],
  ['int', 'cast(-2147483648 as int)', -2147483648],
  ['bigint', 'cast(9007199254740993 as bigint)', 9007199254740993n],
  ['float', 'cast(1.1 as float)', Math.fround(1.1)],
  ['double', 'cast(1.1 as double)', 1.1],
  ['decimal', '12345678901234567890.123', '12345678901234567890.123'],
  ['negative', '-0.05', '-0.05'],
  ['string', `'it''s "é" 😀'`, 'it\'s "é" 😀'],
  ['binary', "from_hex('00FF')", Buffer.from([0, 255])],
  ['date', "date '2024-02-29'", new Date('2024-02-29')],
  ['timestamp', "timestamptz '2024-01-02 03:04:05.123456'", new Date('2024-01-02T03:04:05.123Z')],
  ['timestamp_ntz', "timestamp '0001-01-01 00:00:00'", new Date('0001-01-01T00:00:00Z')],
  ['months', "interval '-14 months'", '-1-2'],
  ['seconds', "interval '1 day 02:03:04.5'", '1 02:03:04.500000000'],
  ['array', '[1, null, 3]', [1, null, 3]],
  ['map', "map(['k', 'l'], [1.5, null])", { k: '1.5', l: null }],
  ['struct', "{'a': 1, 'b': ['x']}", { a: 1, b: ['x'] }],
  ['void', 'cast(null as bit)', null],
];

test.each(['arrow', 'cloudfetch'] as const)('every type arrives in %s, and nulls at their places', async (encoding) => {
  Object.assign(endpoint.settings, { encoding, directRows: 2, batchRows: 2 });
  const columns = TYPES.map(([name, expression]) => `case when id = 1 then null else ${expression} end as "${name}"`);
  const [value, nulls] = [1, 0].map((there) =>
    Object.fromEntries(TYPES.map(([name, , inArrow]) => [name, there ? inArrow : null])),
  );
  expect(await driver.rows(`select ${columns} from range(3)`)).toEqual([value, nulls, value]);
});

test.each(['off', 'closing', 'first'] as const)(
  '100,000 rows arrive in several fetches, each once and in order (direct results %s)',
  async (directResults) => {
    Object.assign(endpoint.settings, { directResults, fetchRows: 30_000, batchRows: 20_000 });
    const before = endpoint.requests.length;
    const rows = await driver.rows('select id from range(100000)');
    expect(rows).toHaveLength(100_000);
    expect(rows.every((row, i) => Number((row as { id: bigint }).id) === i)).toBe(true);
    const fetches = endpoint.requests.slice(before).filter((request) => request.name === 'FetchResults');
    expect(fetches.length).toBeGreaterThanOrEqual(4);
  },
);

test('an empty result has its columns and no rows', async () => {
  const operation = await driver.session.executeStatement('select 1 as a where false');
  expect(await operation.fetchAll()).toEqual([]);
  const schema = (await operation.getSchema()) as { columns: object[] };
  expect(schema.columns).toMatchObject([{ columnName: 'a', position: 1 }]);
  await operation.close();
});

test('the metadata tells types, precision and scale, and Arrow fields their type on Databricks', async () => {
  const operation = await driver.session.executeStatement(
    "select 1.50 as d, [map(['a'], [{'x': 1}])] as c, timestamp '2024-01-01 00:00:00' as n",
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
