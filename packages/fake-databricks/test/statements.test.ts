import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type DatabricksEndpoint, startDatabricksEndpoint } from '../src/index.ts';
import { DEFAULT_SETTINGS } from '../src/settings.ts';
import { connectTo } from './client.ts';

let endpoint: DatabricksEndpoint;
let driver: Awaited<ReturnType<typeof connectTo>>;

beforeAll(async () => {
  endpoint = await startDatabricksEndpoint({ catalogs: ['workspace', 'other'] });
  driver = await connectTo(endpoint);
});

afterAll(async () => {
  await driver?.[Symbol.asyncDispose]();
  await endpoint?.[Symbol.asyncDispose]();
});

beforeEach(() => {
  Object.assign(endpoint.settings, DEFAULT_SETTINGS);
});

test('parameters have their declared types', async () => {
  const namedParameters = {
    i: 7,
    big: 9007199254740993n,
    x: 1.5,
    yes: true,
    s: "it's; -- no\0 comment",
    nothing: null,
  };
  const text = `select ${Object.keys(namedParameters).map((name) => `:${name} as "${name}"`)}, typeof(:i) as type`;
  expect(await driver.rows(text, { namedParameters })).toEqual([{ ...namedParameters, type: 'INTEGER' }]);
  const logged = endpoint.requests.findLast((request) => request.name === 'ExecuteStatement');
  expect(logged?.parameters?.slice(4)).toEqual([
    { name: 's', type: 'STRING', value: "it's; -- no\0 comment" },
    { name: 'nothing' },
  ]);
});

describe('errors', () => {
  test.each([
    [
      '-- é😀\nselec 1',
      '42601',
      '[PARSE_SYNTAX_ERROR] syntax error at or near "selec" SQLSTATE: 42601 (line 2, pos 0)',
    ],
    ["select '😀é', nope from range(1)", '42000', 'SQLSTATE: 42000; line 1 pos 13'],
    ["select raise_error('boo')", '42000', '[FAILED] boo SQLSTATE: 42000'],
  ])('%j', async (text, sqlState, message) => {
    await expect(driver.rows(text)).rejects.toMatchObject({
      errorCode: 'ERROR',
      message: expect.stringContaining(message),
      response: { sqlState, errorMessage: expect.stringContaining('\tat org.apache.spark') },
    });
  });

  test('come with the first answer, by polling, or as the status of the call', async () => {
    const operation = await driver.session.executeStatement('select * from nope');
    const polls = () => endpoint.requests.filter((request) => request.name === 'GetOperationStatus').length;
    const before = polls();
    await expect(operation.finished()).rejects.toMatchObject({ errorCode: 'ERROR' });
    expect(polls()).toBe(before);
    endpoint.settings.errors = 'polled';
    await expect(driver.rows('select * from nope')).rejects.toMatchObject({ errorCode: 'ERROR' });
    expect(polls()).toBe(before + 1);
    endpoint.settings.errors = 'status';
    await expect(driver.session.executeStatement('select * from nope')).rejects.toMatchObject({
      name: 'Status Error',
      message: expect.stringContaining('[FAILED] Table with name nope'),
    });
  });
});

describe.each([
  ['a hint', 'select /*+ endless */ 1'],
  ['real work', 'select count(*) from range(1000000000) a, range(1000000000) b'],
])('an endless statement by %s', (_, text) => {
  beforeEach(() => {
    endpoint.settings.directResults = 'off';
  });

  test('ends when it is cancelled', async () => {
    const operation = await driver.session.executeStatement(text);
    const finished = operation.finished();
    await endpoint.running(text);
    expect(endpoint.runningOperations).toEqual([operation.id]);
    await operation.cancel();
    await expect(finished).rejects.toMatchObject({ errorCode: 'CANCELED' });
    await endpoint.idle();
    expect(endpoint.cancelled.at(-1)).toBe(operation.id);
    expect(await driver.rows('select 1 as a')).toEqual([{ a: 1 }]);
  });

  test('stays open on the server after cancel, because the driver then sends no CloseOperation', async () => {
    await using other = await connectTo(endpoint);
    const operation = await other.session.executeStatement(text);
    await endpoint.running(text);
    await operation.cancel();
    await operation.close();
    expect(endpoint.openOperations).toContain(operation.id);
    await other.session.close();
    expect(endpoint.openOperations).not.toContain(operation.id);
    await endpoint.idle();
  });

  test('ends when its operation is closed', async () => {
    const operation = await driver.session.executeStatement(text);
    await endpoint.running(text);
    await operation.close();
    await endpoint.idle();
  });

  test('ends when its session is closed', async () => {
    await using other = await connectTo(endpoint);
    const sessions = endpoint.openSessions.length;
    await other.session.executeStatement(text);
    await endpoint.running(text);
    await other.session.close();
    await endpoint.idle();
    expect(endpoint.openSessions).toHaveLength(sessions - 1);
  });

  test('is stopped by STATEMENT_TIMEOUT', async () => {
    const session = await driver.client.openSession({ configuration: { STATEMENT_TIMEOUT: '0.2' } });
    const operation = await session.executeStatement(text);
    await expect(operation.finished()).rejects.toMatchObject({
      errorCode: 'TIMEOUT',
      message: expect.stringContaining('STATEMENT_TIMEOUT'),
    });
    await endpoint.idle();
  });
});

describe('sessions', () => {
  test('have settings, a catalog and a schema', async () => {
    const session = await driver.client.openSession({
      initialCatalog: 'other',
      initialSchema: 'default',
      configuration: { STATEMENT_TIMEOUT: '60' },
    });
    const operation = await session.executeStatement('select current_catalog() as c, current_schema() as d');
    expect(await operation.fetchAll()).toEqual([{ c: 'other', d: 'default' }]);
    await session.close();
    expect(endpoint.requests.findLast((request) => request.name === 'OpenSession')?.configuration).toEqual({
      STATEMENT_TIMEOUT: '60',
    });
  });

  test('do not open in a schema that is not there', async () => {
    await expect(driver.client.openSession({ initialSchema: 'nope' })).rejects.toMatchObject({
      message: expect.stringContaining('[SCHEMA_NOT_FOUND]'),
    });
  });

  test('share tables, not temporary views', async () => {
    await using other = await connectTo(endpoint);
    await driver.rows('create or replace table t (a int)');
    expect(await driver.rows('insert into t values (1)')).toEqual([{ num_affected_rows: 1n, num_inserted_rows: 1n }]);
    await driver.rows('create temporary view v as select 1 as a');
    expect(await other.rows('select a from t')).toEqual([{ a: 1 }]);
    await expect(other.rows('select * from v')).rejects.toMatchObject({ response: { sqlState: '42000' } });
  });
});
