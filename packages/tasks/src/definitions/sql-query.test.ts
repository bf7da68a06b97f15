import { expect, test } from 'vitest';
import { sqlQuery } from './sql-query.ts';

const { parameters, result } = sqlQuery;

test('runs on the queue of SQL tasks, once', () => {
  expect(sqlQuery).toMatchObject({ queue: 'sql', attempts: 1 });
});

test('needs a query, or the name of one, and nothing else', () => {
  expect(parameters.parse({ query: ' select 1; ' })).toEqual({ query: 'select 1;', parameters: [] });
  expect(parameters.parse({ query_name: 'orders' })).toEqual({ query_name: 'orders', parameters: [] });
});

test.each([
  [{}, 'is missing'],
  [{ query: 'select 1', query_name: 'orders' }, 'cannot be combined with query_name'],
])('refuses %j: the query %s', (given, message) => {
  expect(parameters.safeParse(given).error?.issues).toEqual([expect.objectContaining({ path: ['query'], message })]);
});

test.each([
  { connection: 'warehouse' },
  { catalog: 'main', schema: 'Sales 2024' },
  { parameters: [1, 'two', null, { three: 3 }] },
  { parameters: { name: 'x' } },
  { max_rows: 0 },
  { max_rows: 10_000_000 },
  { max_bytes: 1 },
  ...['json', 'ndjson', 'csv', 'parquet'].map((format) => ({ format })),
])('accepts %j', (given) => {
  expect(parameters.parse({ query: 'select 1', ...given })).toMatchObject(given);
});

test.each([
  [{ query: '' }, 'query'],
  [{ query: ' \n' }, 'query'],
  [{ query: 5 }, 'query'],
  [{ connection: '' }, 'connection'],
  [{ catalog: '' }, 'catalog'],
  [{ schema: '' }, 'schema'],
  [{ parameters: 'x' }, 'parameters'],
  [{ parameters: null }, 'parameters'],
  [{ max_rows: -1 }, 'max_rows'],
  [{ max_bytes: 0 }, 'max_bytes'],
  [{ format: 'xlsx' }, 'format'],
  [{ max_rows: 1.5 }, 'max_rows'],
])('refuses %j', (given, field) => {
  const faults = parameters.safeParse({ query: 'select 1', ...given }).error?.issues.map(({ path }) => path);
  expect(faults).toEqual([[field]]);
});

test('refuses what it does not know', () => {
  expect(parameters.safeParse({ query: 'select 1', limit: 5 }).success).toBe(false);
});

test('each call has default parameters of its own', () => {
  const [first, second] = [parameters.parse({ query: 'a' }), parameters.parse({ query: 'b' })];
  expect(first.parameters).not.toBe(second.parameters);
});

test('returns rows of any JSON, also with a column named __proto__', () => {
  const rows = [JSON.parse('{"__proto__": 1, "b": null}')];
  const returned = { columns: [{ name: 'b', type: 'INTEGER' }], rows, row_count: 1, truncated: false };
  expect(JSON.stringify(result.parse(returned))).toBe(JSON.stringify(returned));
});
