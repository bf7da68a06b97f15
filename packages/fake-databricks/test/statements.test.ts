import { DBSQLParameter, type DBSQLParameterType } from '@databricks/sql';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type DatabricksEndpoint, startDatabricksEndpoint } from '../src/index.ts';
import { DEFAULT_SETTINGS } from '../src/settings.ts';
import { connectTo } from './client.ts';

let endpoint: DatabricksEndpoint;
let driver: Awaited<ReturnType<typeof connectTo>>;

beforeAll(async () => {
  endpoint = await startDatabricksEndpoint({ catalogs: ['workspace', 'main'] });
  driver = await connectTo(endpoint);
});

afterAll(async () => {
  await driver?.[Symbol.asyncDispose]();
  await endpoint?.[Symbol.asyncDispose]();
});

beforeEach(() => {
  Object.assign(endpoint.settings, DEFAULT_SETTINGS);
});

const parameter = (type: string, value: string) => new DBSQLParameter({ type: type as DBSQLParameterType, value });

describe('parameters', () => {
  test('named ones have their declared types', async () => {
    const namedParameters = {
      i: 7,
      big: 9007199254740993n,
      x: 1.5,
      yes: true,
      s: "it's; -- no comment",
      nothing: null,
      d: parameter('DATE', '2024-02-29'),
      t: new Date('2024-01-02T03:04:05.678Z'),
      n: parameter('TIMESTAMP_NTZ', '2024-01-02 03:04:05'),
      p: parameter('DECIMAL(5,2)', '1.25'),
      bare: parameter('DECIMAL', '1.25'),
    };
    const text = `select ${Object.keys(namedParameters).map((name) => `:${name} as \`${name}\``)}, typeof(:i) as type`;
    expect(await driver.rows(text, { namedParameters })).toEqual([
      {
        ...namedParameters,
        d: new Date('2024-02-29'),
        n: new Date('2024-01-02T03:04:05Z'),
        p: '1.25',
        bare: '1',
        type: 'INTEGER',
      },
    ]);
    const logged = endpoint.requests.findLast((request) => request.name === 'ExecuteStatement');
    expect(logged?.parameters?.slice(4, 7)).toEqual([
      { name: 's', type: 'STRING', value: "it's; -- no comment" },
      { name: 'nothing' },
      { name: 'd', type: 'DATE', value: '2024-02-29' },
    ]);
  });

  test('ordinal ones are taken in order, and not from strings and comments', async () => {
    const text = "select ? as a, '?' as b, /* ? */ ? as c -- ?";
    expect(await driver.rows(text, { ordinalParameters: ['x', 2] })).toEqual([{ a: 'x', b: '?', c: 2 }]);
  });

  test('one without a value is an error', async () => {
    await expect(driver.rows('select :missing')).rejects.toMatchObject({
      message: expect.stringContaining('[UNBOUND_SQL_PARAMETER] Found the unbound parameter: missing.'),
      response: { sqlState: '42P02' },
    });
  });
});

describe('errors', () => {
  test.each([
    ['selec 1', '42601', "[PARSE_SYNTAX_ERROR] Syntax error at or near 'selec'. SQLSTATE: 42601 (line 1, pos 0)"],
    [
      'select 1; select 2',
      '42601',
      "[PARSE_SYNTAX_ERROR] Syntax error at or near ';'. SQLSTATE: 42601 (line 1, pos 8)",
    ],
    ['', '42601', '[PARSE_SYNTAX_ERROR] Syntax error at or near end of input. SQLSTATE: 42601 (line 1, pos 0)'],
    ['select *\nfrom `no`.`such`', '42P01', '[TABLE_OR_VIEW_NOT_FOUND] The table or view `no`.`such` cannot be found.'],
    ["select 'é😀 nope, , ', 2,\n , 3", '42601', "Syntax error at or near ','. SQLSTATE: 42601 (line 2, pos 1)"],
    ["select 'nope 😀', /* nope */ `nope` from range(1)", '42703', 'SQLSTATE: 42703; line 1 pos 28'],
    ['select * from `x y`.t', '42P01', 'The table or view `x y`.`t` cannot be found.'],
    ['select nope from range(1)', '42703', '[UNRESOLVED_COLUMN.WITHOUT_SUGGESTION] A column, variable, or function'],
    ['select nope(1)', '42883', '[UNRESOLVED_ROUTINE] Cannot resolve routine `nope`'],
    ["select cast('abc' as int)", '22018', '[CAST_INVALID_INPUT] The value \'abc\' of the type "STRING"'],
    ['select 1 / 0', '22012', '[DIVIDE_BY_ZERO] Division by zero.'],
    ["select raise_error('boo')", 'P0001', '[USER_RAISED_EXCEPTION] boo SQLSTATE: P0001'],
    ['select cast(3000000000 as int)', '22003', '[CAST_OVERFLOW]'],
    ['select cast(2147483647 as int) + cast(1 as int)', '22003', '[ARITHMETIC_OVERFLOW]'],
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
      message: expect.stringContaining('[TABLE_OR_VIEW_NOT_FOUND]'),
    });
  });
});

describe.each([
  ['a hint', 'select /*+ endless */ 1'],
  ['real work', 'select count(*) from range(1e9) a, range(1e9) b'],
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
    await using other = await connectTo(endpoint);
    await other.rows('set statement_timeout = 0.2');
    await expect(other.rows(text)).rejects.toMatchObject({
      errorCode: 'TIMEOUT',
      message: expect.stringContaining('STATEMENT_TIMEOUT'),
    });
    await endpoint.idle();
  });
});

describe('sessions', () => {
  test('have settings, a catalog and a schema', async () => {
    const session = await driver.client.openSession({
      initialCatalog: 'main',
      initialSchema: 'default',
      configuration: { STATEMENT_TIMEOUT: '60' },
    });
    const operation = await session.executeStatement('select current_catalog() as c, current_database() as d');
    expect(await operation.fetchAll()).toEqual([{ c: 'main', d: 'default' }]);
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
    await driver.rows('create or replace table t (a int, at_ timestamp, l array<struct<x: int>>) using delta');
    expect(await driver.rows("insert into t values (1, timestamp '2024-01-01', array(named_struct('x', 1)))")).toEqual([
      { num_affected_rows: 1n, num_inserted_rows: 1n },
    ]);
    await driver.rows('create temporary view v as select 1 as a');
    expect(await other.rows('select a, l from t')).toEqual([{ a: 1, l: [{ x: 1 }] }]);
    await expect(other.rows('select * from v')).rejects.toMatchObject({ response: { sqlState: '42P01' } });
  });

  test('run the commands that look around', async () => {
    await using other = await connectTo(endpoint);
    await other.rows('use catalog main');
    await other.rows('create or replace table seen (a int, `b c` decimal(5,2), d timestamp, e array<string>)');
    expect(await other.rows('show tables')).toEqual([{ database: 'default', tableName: 'seen', isTemporary: false }]);
    expect(await other.rows('show schemas')).toEqual([{ databaseName: 'default' }]);
    expect(await other.rows('describe table main.default.seen')).toEqual([
      { col_name: 'a', data_type: 'int', comment: null },
      { col_name: 'b c', data_type: 'decimal(5,2)', comment: null },
      { col_name: 'd', data_type: 'timestamp', comment: null },
      { col_name: 'e', data_type: 'array<string>', comment: null },
    ]);
    expect(await other.rows('explain select 1')).toEqual([{ plan: expect.any(String) }]);
    expect(await other.rows('select current_catalog() as c')).toEqual([{ c: 'main' }]);
  });
});
