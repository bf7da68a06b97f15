import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import { createThriftDriver } from '../src/drivers/thrift.ts';
import { connected, optionsFor } from './databricks-fixture.ts';

const { signal } = new AbortController();

describe('checking a warehouse', () => {
  test.each([
    [true, 'reading only'],
    [false, 'reading and writing'],
  ])('says where it is and as whom (readOnly: %s)', async (readOnly, rights) => {
    await using databricks = await connected({}, { readOnly });
    expect(await databricks.driver.check(signal)).toBe(
      'Databricks SQL warehouse 0123456789abcdef at 127.0.0.1, catalog workspace, schema default, ' +
        `as user tester@example.com, ${rights}`,
    );
  });

  test('uses a session that is there', async () => {
    await using databricks = await connected();
    const { driver, count } = databricks;
    await ask(driver, 'select 1 as a', { timeoutMs: 600_000 });
    await driver.check(signal);
    await driver.check(signal);
    expect(count('OpenSession')).toBe(1);
  });

  test('waits for no statement', async () => {
    await using databricks = await connected({}, { maxSessions: 1 });
    const { driver, endpoint, count } = databricks;
    const abort = new AbortController();
    const running = ask(driver, 'select /*+ endless */ 1', { signal: abort.signal }).catch((thrown: unknown) => thrown);
    await endpoint.running('endless');
    expect(await driver.check(signal)).toContain('Databricks SQL warehouse');
    abort.abort('enough');
    expect(await running).toBe('enough');
    // The session beyond the limit is not kept.
    await endpoint.received('CloseSession');
    expect(count('OpenSession')).toBe(2);
  });

  test.each([
    ['starts', { on: 'ExecuteStatement', how: { kind: 'pending', polls: 1000 } }],
    ['does not answer', { on: 'OpenSession', how: { kind: 'hang' } }],
  ] as const)('reports a warehouse that %s as asleep', async (_what, fault) => {
    await using databricks = await connected({ directResults: 'off' }, { connectTimeoutMs: 200 });
    const { driver, endpoint } = databricks;
    endpoint.failNext(fault);
    await expect(driver.check(signal)).rejects.toMatchObject({
      code: 'connection',
      fault: 'unavailable',
      message: expect.stringMatching(/has not answered within 0\.2 s: it is asleep and starting/),
    });
  });

  test('says that the warehouse is stopped, in the words of the server too', async () => {
    await using databricks = await connected();
    const { driver, endpoint } = databricks;
    const message = 'TEMPORARILY_UNAVAILABLE: The warehouse is starting';
    endpoint.failNext({ on: 'OpenSession', how: { kind: 'http', status: 503, message, retryAfterSeconds: 30 } });
    await expect(driver.check(signal)).rejects.toMatchObject({
      fault: 'unavailable',
      message: expect.stringMatching(/starting or overloaded.*TEMPORARILY_UNAVAILABLE: The warehouse is starting/),
    });
  });

  test('ends with its signal', async () => {
    await using databricks = await connected();
    const { driver, endpoint } = databricks;
    endpoint.failNext({ on: 'OpenSession', how: { kind: 'http', status: 503, retryAfterSeconds: 3 } });
    const abort = new AbortController();
    const rejected = expect(driver.check(abort.signal)).rejects.toBe('enough');
    await endpoint.received('OpenSession');
    abort.abort('enough');
    await rejected;
  });
});

describe('OAuth of a service principal', () => {
  const authOf = (clientSecret: string) => ({ kind: 'oauth', clientId: 'test-client', clientSecret }) as const;

  test('gets a token once, and another when it is not accepted any more', async () => {
    await using databricks = await connected();
    const { endpoint, count } = databricks;
    const auth = authOf(endpoint.principal.clientSecret);
    await using driver = createThriftDriver({ ...optionsFor(endpoint), auth });
    expect((await ask(driver, 'select 1 as a')).rows).toEqual([{ a: 1 }]);
    await ask(driver, 'select 1 as a');
    expect(count('oauth')).toBe(1);
    endpoint.issuer.revokeAll();
    expect((await ask(driver, 'select 1 as a')).rows).toEqual([{ a: 1 }]);
    expect(count('oauth')).toBe(2);
  });

  test('uses a token that is about to expire once', async () => {
    await using databricks = await connected();
    const { endpoint, count } = databricks;
    endpoint.issuer.lifetimeSeconds = 20;
    await using driver = createThriftDriver({ ...optionsFor(endpoint), auth: authOf(endpoint.principal.clientSecret) });
    expect((await ask(driver, 'select 1 as a')).rows).toEqual([{ a: 1 }]);
    expect(count('oauth')).toBeLessThan(9);
  });

  test('says that the secret is wrong, without it', async () => {
    await using databricks = await connected();
    const { endpoint } = databricks;
    await using driver = createThriftDriver({ ...optionsFor(endpoint), auth: authOf('wrong-secret') });
    const error = await ask(driver, 'select 1 as a').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      fault: 'credentials',
      message: expect.stringMatching(/gave no OAuth token \(invalid_client\): check client id and secret/),
    });
    expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/wrong-secret|d3Jvbmctc2VjcmV0/);
  });
});

test('writes nothing to the console, and the token nowhere', async () => {
  const written: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  }
  await using databricks = await connected({ directResults: 'off' });
  const { driver, endpoint } = databricks;
  const errors: unknown[] = [];
  const outcome = () =>
    ask(driver, 'select 1 as a', { timeoutMs: 1000 }).catch((thrown: unknown) => errors.push(thrown));
  for (const on of ['OpenSession', 'ExecuteStatement', 'GetOperationStatus', 'FetchResults']) {
    for (const how of [{ kind: 'http', status: 403 }, { kind: 'reset' }, { kind: 'cut' }] as const) {
      endpoint.failNext({ on, how, times: 9 });
      await outcome();
      endpoint.clearFaults();
    }
  }
  // With these, the library throws the whole request.
  endpoint.failNext({ on: 'GetOperationStatus', how: { kind: 'http', status: 503 }, times: 9 });
  await outcome();
  vi.restoreAllMocks();
  expect(errors.length).toBeGreaterThan(9);
  expect(inspect(errors, { depth: 20, showHidden: true })).not.toContain(endpoint.token);
  expect(written.join('')).toBe('');
}, 60_000);
