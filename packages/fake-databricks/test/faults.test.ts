import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { arrow } from '../src/apache-arrow.ts';
import { type DatabricksEndpoint, startDatabricksEndpoint } from '../src/index.ts';
import { DEFAULT_SETTINGS } from '../src/settings.ts';
import { connectTo } from './client.ts';

let endpoint: DatabricksEndpoint;
let driver: Awaited<ReturnType<typeof connectTo>>;

beforeAll(async () => {
  endpoint = await startDatabricksEndpoint();
});

beforeEach(async () => {
  endpoint.clearFaults();
  Object.assign(endpoint.settings, DEFAULT_SETTINGS);
  driver = await connectTo(endpoint);
  return () => driver[Symbol.asyncDispose]();
});

afterAll(async () => {
  await endpoint?.[Symbol.asyncDispose]();
});

const callsOf = (name: string) => endpoint.requests.filter((request) => request.name === name).length;
const header = (error: unknown) =>
  (error as { response: { headers: Headers } }).response.headers.get('x-thriftserver-error-message');

describe('HTTP', () => {
  test.each([401, 403, 404, 429, 500, 503])('%i to ExecuteStatement is an error at once', async (status) => {
    endpoint.failNext({ on: 'ExecuteStatement', how: { kind: 'http', status, message: 'the reason' } });
    const calls = callsOf('ExecuteStatement');
    const error = await driver.session.executeStatement('select 1').catch((cause) => cause);
    expect(error).toMatchObject({ statusCode: status, message: expect.stringContaining(`status code: ${status}`) });
    expect(header(error)).toBe('the reason');
    expect(callsOf('ExecuteStatement')).toBe(calls + 1);
    expect(await driver.rows('select 1 as a')).toEqual([{ a: 1 }]);
  });

  test('a wrong token is refused', async () => {
    const error = await connectTo(endpoint, { token: 'wrong' }).catch((cause) => cause);
    expect(error).toMatchObject({ statusCode: 401 });
    expect(header(error)).toContain('Invalid access token');
  });

  test('a wrong path is refused', async () => {
    await expect(connectTo(endpoint, { path: '/sql/1.0/warehouses/nope' })).rejects.toMatchObject({ statusCode: 404 });
  });

  test('a warehouse that starts refuses for a while', async () => {
    const how = { kind: 'http', status: 503, message: 'TEMPORARILY_UNAVAILABLE', retryAfterSeconds: 1 } as const;
    endpoint.failNext({ on: 'OpenSession', how, times: 2 });
    await expect(driver.client.openSession()).rejects.toMatchObject({ statusCode: 503 });
    await expect(driver.client.openSession()).rejects.toMatchObject({ statusCode: 503 });
    await driver.client.openSession();
  });

  test('the driver repeats what is safe to repeat', async () => {
    endpoint.settings.directResults = 'off';
    const how = { kind: 'http', status: 503 } as const;
    endpoint.failNext({ on: 'GetOperationStatus', how, times: 2 });
    endpoint.failNext({ on: 'GetResultSetMetadata', how: { kind: 'reset' } });
    expect(await driver.rows('select 1 as a')).toEqual([{ a: 1 }]);
  });
});

describe('connections', () => {
  beforeEach(() => {
    endpoint.settings.directResults = 'off';
    endpoint.settings.fetchRows = 10;
    endpoint.settings.batchRows = 5;
  });

  test.each([{ kind: 'reset' }, { kind: 'cut', chunked: true }] as const)(
    'one that breaks while fetching is an error: %j',
    async (how) => {
      endpoint.failNext({ on: 'FetchResults', how, after: 2 });
      await expect(driver.rows('select id from range(100)')).rejects.toMatchObject({ type: 'system' });
    },
  );

  test('one that breaks in an answer of known length is noticed when the time is over', async () => {
    await using hasty = await connectTo(endpoint, { socketTimeout: 200 });
    endpoint.failNext({ on: 'FetchResults', how: { kind: 'cut' }, after: 2 });
    await expect(hasty.rows('select id from range(100)')).rejects.toMatchObject({ type: 'body-timeout' });
  });

  test('a hang lasts until the client gives up', async () => {
    await using hasty = await connectTo(endpoint, { socketTimeout: 200 });
    endpoint.failNext({ on: 'FetchResults', how: { kind: 'hang' } });
    await expect(hasty.rows('select 1')).rejects.toMatchObject({ message: expect.stringContaining('timed out') });
  });
});

test('an answer can be held back while the statement runs', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  endpoint.settings.directResults = 'off';
  endpoint.failNext({ on: 'ExecuteStatement', how: { kind: 'hold', until: promise } });
  const answered = driver.session.executeStatement('select /*+ endless */ 1');
  await endpoint.running('endless');
  resolve();
  const operation = await answered;
  await operation.cancel();
  await endpoint.idle();
});

describe('lost sessions', () => {
  test('are told as an invalid handle', async () => {
    endpoint.expireSessions();
    await expect(driver.session.executeStatement('select 1')).rejects.toMatchObject({
      message: `Invalid SessionHandle: SessionHandle [${driver.session.id}]`,
    });
    expect(endpoint.openSessions).toEqual([]);
    const session = await driver.client.openSession();
    await (await session.executeStatement('select 1')).fetchAll();
  });

  test('can be lost by one call only', async () => {
    endpoint.failNext({ on: 'ExecuteStatement', how: { kind: 'invalid-handle' } });
    await expect(driver.session.executeStatement('select 1')).rejects.toMatchObject({
      message: expect.stringContaining('Invalid SessionHandle'),
    });
    expect(endpoint.openSessions).not.toContain(driver.session.id);
  });

  test('are told by the gateway', async () => {
    endpoint.settings.invalidHandles = 'http';
    endpoint.expireSessions();
    const error = await driver.session.executeStatement('select 1').catch((cause) => cause);
    expect(error).toMatchObject({ statusCode: 400 });
    expect(header(error)).toBe(`BAD_REQUEST: Invalid SessionHandle: Session [${driver.session.id}] is closed.`);
  });
});

describe('statements', () => {
  test('one that waits for the warehouse is pending for some polls', async () => {
    endpoint.settings.directResults = 'off';
    endpoint.failNext({ on: 'ExecuteStatement', how: { kind: 'pending', polls: 2 } });
    const states: unknown[] = [];
    const operation = await driver.session.executeStatement('select 1 as a');
    await operation.finished({ callback: ({ operationState }) => void states.push(operationState) });
    expect(states.slice(0, 3)).toEqual([7, 7, 7]);
    expect(await operation.fetchAll()).toEqual([{ a: 1 }]);
  });

  test('an error in the middle of the rows', async () => {
    endpoint.settings.directResults = 'off';
    endpoint.settings.fetchRows = 10;
    endpoint.failNext({
      on: 'FetchResults',
      how: { kind: 'error', message: 'file lost', sqlState: '58030' },
      after: 1,
    });
    await expect(driver.rows('select id from range(100)')).rejects.toMatchObject({ message: 'file lost' });
  });
});

describe('missing rows', () => {
  beforeEach(() => {
    endpoint.settings.directResults = 'off';
    endpoint.settings.fetchRows = 10;
  });

  test.each(['arrow', 'cloudfetch'] as const)('the driver does not notice in %s', async (encoding) => {
    endpoint.settings.encoding = encoding;
    endpoint.failNext({ on: 'FetchResults', how: { kind: 'missing-rows', rows: 3 }, after: 1 });
    expect(await driver.rows('select id from range(50)')).toHaveLength(47);
  });

  test('skipped rows are not noticed either', async () => {
    endpoint.failNext({ on: 'FetchResults', how: { kind: 'skipped-rows', rows: 10 }, after: 1 });
    expect(await driver.rows('select id from range(50)')).toHaveLength(40);
  });

  test.each(['arrow', 'cloudfetch'] as const)('the raw batches in %s tell', async (encoding) => {
    endpoint.settings.encoding = encoding;
    endpoint.failNext({ on: 'FetchResults', how: { kind: 'missing-rows', rows: 3 }, after: 1 });
    const operation = await driver.session.executeStatement('select id from range(30)');
    await operation.finished();
    // biome-ignore lint/suspicious/noExplicitAny: inner parts of the driver
    const raw = (await (operation as any).getResultHandler()).source.source;
    const counts: [number, number][] = [];
    while (await raw.hasMore()) {
      const { batches, rowCount } = await raw.fetchNext({ limit: 100 });
      if (batches.length > 0) counts.push([rowCount, arrow.tableFromIPC(Buffer.concat(batches)).numRows]);
    }
    expect(counts).toEqual([
      [10, 10],
      [10, 7],
      [10, 10],
    ]);
  });
});

test('downloads fail, and the driver repeats them', async () => {
  endpoint.settings.encoding = 'cloudfetch';
  endpoint.failNext({ on: 'download', how: { kind: 'http', status: 503 } });
  expect(await driver.rows('select 1 as a')).toEqual([{ a: 1 }]);
  endpoint.failNext({ on: 'download', how: { kind: 'http', status: 403 } });
  await expect(driver.rows('select 1 as a')).rejects.toThrow('CloudFetch HTTP error 403');
});

test('a fault leaves no statement behind', async () => {
  await endpoint.idle();
  expect(endpoint.runningOperations).toEqual([]);
});
