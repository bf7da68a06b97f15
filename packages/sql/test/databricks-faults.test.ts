import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { inspect } from 'node:util';
import { startDatabricksEndpoint } from '@taskwire/fake-databricks';
import { startTcpProxy } from '@taskwire/testing';
import { describe, expect, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import { createThriftDriver } from '../src/drivers/thrift.ts';
import { SqlConnectionError } from '../src/sql-error.ts';
import { connected, optionsFor, trustingOptionsFor } from './databricks-fixture.ts';

const MANY = 'select id as n from range(20000)';

describe('what keeps us from Databricks', () => {
  test.each([
    [{ host: 'nowhere.invalid' }, 'unreachable', /There is no host nowhere\.invalid/],
    [{ port: 1 }, 'unreachable', /127\.0\.0\.1:1 refuses connections/],
    [
      { httpPath: '/sql/1.0/warehouses/wrong' },
      'not_found',
      /has no \/sql\/1\.0\/warehouses\/wrong: copy the HTTP path/,
    ],
    [{ auth: { kind: 'token', token: 'dapi-wrong' } }, 'credentials', /the token is wrong or has expired/],
  ] as const)('says what is wrong with %j', async (options, fault, message) => {
    await using databricks = await connected({}, options);
    const error = await ask(databricks.driver, 'select 1 as a').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SqlConnectionError);
    expect(error).toMatchObject({ fault, message: expect.stringMatching(message) });
    expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/dapi/);
  });

  test('trusts no certificate that it was not told to trust', async () => {
    await using endpoint = await startDatabricksEndpoint({ ownCertificate: true });
    const { caCertificate, ...options } = optionsFor(endpoint);
    await using driver = createThriftDriver(options);
    await expect(ask(driver, 'select 1 as a')).rejects.toMatchObject({
      fault: 'tls',
      message: expect.stringMatching(/certificate of 127\.0\.0\.1:\d+/),
    });
    await using told = createThriftDriver({ ...options, caCertificate: caCertificate as string });
    expect((await ask(told, 'select 1 as a')).rows).toEqual([{ a: 1 }]);
  });

  test('says that a certificate is none', async () => {
    await using databricks = await connected({}, { caCertificate: 'no certificate' });
    await expect(ask(databricks.driver, 'select 1 as a')).rejects.toMatchObject({
      fault: 'tls',
      message: expect.stringMatching(/cannot be set up: its ca_file holds no certificate/),
    });
  });

  test('gives up connecting to a host that does not answer', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    await using databricks = await connected({}, { port, connectTimeoutMs: 50 });
    await expect(ask(databricks.driver, 'select 1 as a')).rejects.toMatchObject({
      fault: 'unreachable',
      message: expect.stringContaining(`127.0.0.1:${port} does not answer`),
    });
    silent.close();
  });

  test.each([
    [403, 'User does not have permission on the warehouse', 'forbidden', /can use.*User does not have permission/],
    [403, 'Invalid access token', 'credentials', /token/],
    [500, 'oops', 'unavailable', /HTTP status 500.*oops/],
    [503, 'The warehouse is stopped', 'unavailable', /stopped, starting or overloaded.*The warehouse is stopped/],
    [429, 'Rate limit', 'busy', /too many requests.*Rate limit/],
  ])('explains HTTP status %i (%s)', async (status, message, fault, words) => {
    await using databricks = await connected();
    const { driver, endpoint } = databricks;
    endpoint.failNext({ on: 'OpenSession', how: { kind: 'http', status, message }, times: 99 });
    await expect(ask(driver, 'select 1 as a', { timeoutMs: 1000 })).rejects.toMatchObject({
      fault,
      message: expect.stringMatching(words),
    });
  });

  test('says that there is no such schema', async () => {
    await using databricks = await connected({}, { schema: 'nowhere' });
    await expect(ask(databricks.driver, 'select 1 as a')).rejects.toMatchObject({
      fault: 'not_found',
      message: expect.stringContaining('nowhere'),
    });
  });
});

describe('a server that says "not now"', () => {
  test.each(['OpenSession', 'ExecuteStatement', 'GetOperationStatus', 'FetchResults'])(
    'is asked again after the seconds that it names: %s',
    async (on) => {
      await using databricks = await connected({ directResults: 'off' });
      const { driver, endpoint, count } = databricks;
      endpoint.failNext({ on, how: { kind: 'http', status: 503, retryAfterSeconds: 1 } });
      const startedAt = performance.now();
      expect((await ask(driver, 'select 1 as a')).rows).toEqual([{ a: 1 }]);
      expect(performance.now() - startedAt).toBeGreaterThan(950);
      expect(count(on)).toBeGreaterThan(1);
    },
  );

  test('is asked no more when it names a time beyond that of the statement', async () => {
    await using databricks = await connected();
    const { driver, endpoint, count } = databricks;
    endpoint.failNext({ on: 'OpenSession', how: { kind: 'http', status: 429, retryAfterSeconds: 120 } });
    await expect(ask(driver, 'select 1 as a', { timeoutMs: 60_000 })).rejects.toMatchObject({ fault: 'busy' });
    expect(count('OpenSession')).toBe(1);
  });

  test('is waited for no longer than until the abort', async () => {
    await using databricks = await connected();
    const { driver, endpoint } = databricks;
    endpoint.failNext({ on: 'ExecuteStatement', how: { kind: 'http', status: 503, retryAfterSeconds: 50 } });
    const abort = new AbortController();
    const rejected = expect(ask(driver, 'select 1 as a', { signal: abort.signal })).rejects.toThrow('enough');
    await endpoint.received('ExecuteStatement');
    abort.abort(new Error('enough'));
    await rejected;
  });
});

describe('connections that break', () => {
  test.each(['cut', 'mute'] as const)('a kept one (%s) is told apart from an answer that was lost', async (how) => {
    await using databricks = await connected();
    const { endpoint } = databricks;
    await using proxy = await startTcpProxy(endpoint.port);
    const options = { ...trustingOptionsFor(endpoint), port: proxy.port, answerTimeoutMs: 1000 };
    await using driver = createThriftDriver({ ...options, readOnly: false });
    await ask(driver, 'create table kept (a int)');
    await ask(driver, 'select * from kept');
    proxy[how]();
    await ask(driver, 'insert into kept values (1)');
    proxy[how]();
    expect((await ask(driver, 'select * from kept')).rows).toEqual([{ a: 1 }]);
  });

  test('sends a query again whose answer was lost, and ends the first', async () => {
    await using databricks = await connected();
    const { driver, endpoint, count } = databricks;
    endpoint.failNext({ on: 'ExecuteStatement', how: { kind: 'reset' } });
    expect((await ask(driver, 'select 1 as a')).rows).toEqual([{ a: 1 }]);
    expect(count('ExecuteStatement')).toBe(2);
    expect(endpoint.openSessions).toHaveLength(1);
  });

  test.each([
    { kind: 'reset' },
    { kind: 'cut' },
    { kind: 'http', status: 503 },
    { kind: 'http', status: 502 },
  ] as const)('sends what may change something once, and says that it may have: %j', async (how) => {
    await using databricks = await connected({}, { readOnly: false });
    const { driver, endpoint, count } = databricks;
    endpoint.failNext({ on: 'ExecuteStatement', how });
    await expect(ask(driver, 'create table unanswered (a int)')).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(/; the statement may have taken effect$/),
    });
    expect(count('ExecuteStatement')).toBe(1);
    await endpoint.received('CloseSession');
  });

  test.each([
    { kind: 'http', status: 429 },
    { kind: 'http', status: 503, retryAfterSeconds: 0 },
  ] as const)('sends it again when the server has not begun it: %j', async (how) => {
    await using databricks = await connected({}, { readOnly: false });
    const { driver, endpoint, count } = databricks;
    endpoint.failNext({ on: 'ExecuteStatement', how });
    await ask(driver, 'create table begun (a int)');
    expect(count('ExecuteStatement')).toBe(2);
  });

  test('polls again', async () => {
    await using databricks = await connected({ directResults: 'off' });
    const { driver, endpoint } = databricks;
    endpoint.failNext({ on: 'GetOperationStatus', how: { kind: 'reset' }, times: 2 });
    endpoint.failNext({ on: 'GetResultSetMetadata', how: { kind: 'cut' } });
    expect((await ask(driver, 'select 1 as a')).rows).toEqual([{ a: 1 }]);
  });

  test.each([
    ['reset', { kind: 'reset' }],
    ['cut', { kind: 'cut' }],
    ['cut in chunks', { kind: 'cut', chunked: true }],
    ['a gateway', { kind: 'http', status: 502 }],
  ] as const)('fetches rows again whose answer was lost (%s)', async (_name, how) => {
    await using databricks = await connected({ directResults: 'off', fetchRows: 5000 });
    const { driver, endpoint, count } = databricks;
    for (const after of [0, 1, 0]) endpoint.failNext({ on: 'FetchResults', how, after });
    const { rows } = await ask(driver, MANY, { maxRows: 10 ** 6 });
    expect(rows).toEqual(Array.from({ length: 20_000 }, (_, n) => ({ n })));
    expect(count('FetchResults')).toBe(7);
  });

  test.each(['status', 'http'] as const)(
    'a query that the server has forgotten is sent once more (%s)',
    async (how) => {
      await using databricks = await connected({ directResults: 'off', invalidHandles: how });
      const { driver, endpoint, count } = databricks;
      endpoint.failNext({ on: 'GetOperationStatus', how: { kind: 'invalid-handle' } });
      expect((await ask(driver, 'select 1 as a')).rows).toEqual([{ a: 1 }]);
      expect(count('ExecuteStatement')).toBe(2);
    },
  );

  test('what may have changed something is not, and fails', async () => {
    await using databricks = await connected({ directResults: 'off' }, { readOnly: false });
    const { driver, endpoint, count } = databricks;
    endpoint.failNext({ on: 'GetOperationStatus', how: { kind: 'invalid-handle' } });
    await expect(ask(driver, 'create table forgotten (a int)')).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(/no longer knows the running statement.*; the statement may have taken effect$/),
    });
    expect(count('ExecuteStatement')).toBe(1);
  });

  test.each([
    ['GetResultSetMetadata', 500, /; the statement may have taken effect$/],
    ['FetchResults', 500, /; the statement may have taken effect$/],
    ['GetOperationStatus', 401, /; the statement may have taken effect$/],
  ])('no error of a write that may stay lets it be sent again: %s %i', async (on, status, words) => {
    await using databricks = await connected({ directResults: 'off' }, { readOnly: false });
    const { driver, endpoint } = databricks;
    await ask(driver, 'create table stays (a int)');
    endpoint.failNext({ on, how: { kind: 'http', status }, times: 9 });
    const written = ask(driver, 'insert into stays values (1)', { timeoutMs: 1000 });
    await expect(written).rejects.toMatchObject({ code: 'failed', message: expect.stringMatching(words) });
  });

  test('a statement that the server has stopped is not sent again', async () => {
    await using databricks = await connected({ directResults: 'off', timeoutState: 'CANCELED' });
    const { driver, count } = databricks;
    await ask(driver, 'select 1 as a', { timeoutMs: 1000 });
    // Its limit is the server's.
    await expect(ask(driver, 'select /*+ endless */ 1 as a', { timeoutMs: 1000 })).rejects.toMatchObject({
      message: expect.stringContaining('an administrator did, or a limit there'),
    });
    expect(count('ExecuteStatement')).toBe(2);
  });

  test('downloads a file again', async () => {
    await using databricks = await connected({ encoding: 'cloudfetch', directResults: 'off' });
    const { driver, endpoint } = databricks;
    endpoint.failNext({ on: 'download', how: { kind: 'cut' }, after: 1 });
    endpoint.failNext({ on: 'download', how: { kind: 'http', status: 503 }, after: 3 });
    expect(await ask(driver, MANY, { maxRows: 10 ** 6 })).toMatchObject({ rowCount: 20_000 });
  });

  test('asks for a new address when that of a file has expired', async () => {
    await using databricks = await connected({ encoding: 'cloudfetch', directResults: 'off' });
    const { driver, endpoint, count } = databricks;
    for (const after of [2, 0]) endpoint.failNext({ on: 'download', how: { kind: 'http', status: 403 }, after });
    const { rows } = await ask(driver, MANY, { maxRows: 10 ** 6 });
    expect(rows).toEqual(Array.from({ length: 20_000 }, (_, n) => ({ n })));
    expect(count('FetchResults')).toBeGreaterThan(1);
  });

  test('says where a file could not be downloaded from, and nothing of its address', async () => {
    await using databricks = await connected({ encoding: 'cloudfetch', directResults: 'off' });
    const { driver, endpoint } = databricks;
    endpoint.failNext({ on: 'download', how: { kind: 'http', status: 403 }, after: 1, times: 9 });
    const error = await ask(driver, MANY, { maxRows: 10 ** 6 }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      fault: 'unreachable',
      message: expect.stringMatching(/downloaded from 127\.0\.0\.1:\d+ \(HTTP status 403\)/),
    });
    expect(inspect(error, { depth: 20 })).not.toContain('signature');
  });
});

describe('results that are not whole', () => {
  test.each([
    ['arrow', 'off', 'FetchResults'],
    ['cloudfetch', 'off', 'FetchResults'],
    ['arrow', 'closing', 'ExecuteStatement'],
    ['arrow', 'first', 'ExecuteStatement'],
  ] as const)('fails when rows are missing: %s, direct results %s', async (encoding, directResults, on) => {
    await using databricks = await connected({ encoding, directResults });
    const { driver, endpoint } = databricks;
    endpoint.failNext({ on, how: { kind: 'missing-rows', rows: 1 } });
    await expect(ask(driver, 'select id from range(500)')).rejects.toMatchObject({ code: 'incomplete' });
  });

  test.each(['arrow', 'cloudfetch'] as const)('asks again for a part that was skipped: %s', async (encoding) => {
    await using databricks = await connected({ encoding, directResults: 'off', fetchRows: 100 });
    const { driver, endpoint } = databricks;
    endpoint.failNext({ on: 'FetchResults', how: { kind: 'skipped-rows', rows: 3 }, after: 1 });
    const { rows } = await ask(driver, 'select id from range(500)');
    expect(rows).toEqual(Array.from({ length: 500 }, (_, id) => ({ id })));
  });
});
