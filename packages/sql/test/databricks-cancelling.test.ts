import type { JsonValue } from '@taskwire/protocol';
import { describe, expect, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import { createThriftDriver } from '../src/drivers/thrift.ts';
import { connected, trustingOptionsFor } from './databricks-fixture.ts';

const MANY = 'select id as n from range(100000)';

describe('cancelling in Databricks', () => {
  test('cancels what runs, and uses the session again', async () => {
    await using databricks = await connected({ directResults: 'off' }, { maxSessions: 1 });
    const { driver, endpoint, count } = databricks;
    const abort = new AbortController();
    const rejected = expect(ask(driver, 'select /*+ endless */ 1', { signal: abort.signal })).rejects.toThrow('enough');
    await endpoint.running('endless');
    abort.abort(new Error('enough'));
    await rejected;
    await endpoint.idle();
    const { operation } = await endpoint.received('CancelOperation');
    expect(endpoint.cancelled).toEqual([operation]);
    await ask(driver, 'select 1 as a');
    expect(count('OpenSession')).toBe(1);
  });

  test('ends the session of a statement whose name the server has not told yet', async () => {
    await using databricks = await connected({ directResults: 'closing', directWaitMs: 60_000 });
    const { driver, endpoint } = databricks;
    const abort = new AbortController();
    const rejected = expect(ask(driver, 'select /*+ endless */ 1', { signal: abort.signal })).rejects.toThrow('enough');
    await endpoint.running('endless');
    const abortedAt = performance.now();
    abort.abort(new Error('enough'));
    await rejected;
    await endpoint.idle();
    expect(performance.now() - abortedAt).toBeLessThan(1000);
    expect((await ask(driver, 'select 1 as a')).rows).toEqual([{ a: 1 }]);
  });

  test('ends what could not be told to end, when the server can be reached again', async () => {
    await using databricks = await connected({ directResults: 'off' });
    const { driver, endpoint } = databricks;
    endpoint.failNext({ on: 'ExecuteStatement', how: { kind: 'hold', until: new Promise(() => undefined) } });
    const abort = new AbortController();
    const rejected = expect(ask(driver, 'select /*+ endless */ 1', { signal: abort.signal })).rejects.toThrow(
      'the engine did not confirm it, so the statement may still run there',
    );
    await endpoint.running('endless');
    endpoint.failNext({ on: 'CloseSession', how: { kind: 'http', status: 502 }, times: 99 });
    abort.abort(new Error('enough'));
    await rejected;
    expect(endpoint.runningOperations).toHaveLength(1);
    endpoint.clearFaults();
    await endpoint.idle();
  });

  test('ends a statement that another process has begun, though all places are taken', async () => {
    await using databricks = await connected({ directResults: 'off' });
    const { endpoint } = databricks;
    const [leaving, never] = [new AbortController(), new AbortController()];
    let left: JsonValue = null;
    const keep = async (value: JsonValue) => {
      left = value;
    };
    const query = 'select /*+ endless */ 1';
    const begun = { left: undefined, keep, stopping: leaving.signal };
    const given = expect(ask(databricks.driver, query, { handover: begun })).rejects.toThrow('left');
    await endpoint.running('endless');
    leaving.abort(new Error('left'));
    await given;
    await using driver = createThriftDriver({ ...trustingOptionsFor(endpoint), maxSessions: 1 });
    const other = new AbortController();
    const busy = expect(ask(driver, 'select /*+ sleep(60000) */ 1', { signal: other.signal })).rejects.toThrow(
      'enough',
    );
    await endpoint.running('sleep');
    const abort = new AbortController();
    const handover = { left, keep, stopping: never.signal };
    const taken = expect(ask(driver, query, { handover, signal: abort.signal })).rejects.toThrow('enough');
    abort.abort(new Error('enough'));
    await taken;
    await endpoint.received('CancelOperation');
    other.abort(new Error('enough'));
    await busy;
    await endpoint.idle();
  });

  test('cancels a statement whose name comes soon after the abort', async () => {
    await using databricks = await connected({ directResults: 'closing', directWaitMs: 50 });
    const { driver, endpoint } = databricks;
    const abort = new AbortController();
    const rejected = expect(ask(driver, 'select /*+ endless */ 1', { signal: abort.signal })).rejects.toThrow('enough');
    await endpoint.running('endless');
    abort.abort(new Error('enough'));
    await rejected;
    await endpoint.received('CancelOperation');
    await endpoint.idle();
  });

  test('begins nothing when it is aborted while a session is opened, and keeps the session', async () => {
    await using databricks = await connected();
    const { driver, endpoint, count } = databricks;
    const answer = Promise.withResolvers<void>();
    endpoint.failNext({ on: 'OpenSession', how: { kind: 'hold', until: answer.promise } });
    const abort = new AbortController();
    const rejected = expect(ask(driver, 'select 1 as a', { signal: abort.signal })).rejects.toThrow('enough');
    await endpoint.received('OpenSession');
    abort.abort(new Error('enough'));
    await rejected;
    answer.resolve();
    await driver[Symbol.asyncDispose]();
    expect(count('ExecuteStatement')).toBe(0);
    expect(endpoint.openSessions).toEqual([]);
  });

  test('cancels while rows are fetched', async () => {
    await using databricks = await connected({ directResults: 'off' });
    const { driver, endpoint } = databricks;
    const answer = Promise.withResolvers<void>();
    endpoint.failNext({ on: 'FetchResults', how: { kind: 'hold', until: answer.promise } });
    const abort = new AbortController();
    const rejected = expect(ask(driver, MANY, { signal: abort.signal })).rejects.toThrow('enough');
    await endpoint.received('FetchResults');
    abort.abort(new Error('enough'));
    await rejected;
    await endpoint.received('CancelOperation');
    await endpoint.received('CloseOperation');
    answer.resolve();
  });

  test('cancels while files are downloaded', async () => {
    await using databricks = await connected({ encoding: 'cloudfetch', directResults: 'off' });
    const { driver, endpoint } = databricks;
    endpoint.failNext({ on: 'download', how: { kind: 'hang' }, after: 3, times: 9 });
    const abort = new AbortController();
    const rejected = expect(ask(driver, MANY, { signal: abort.signal, maxRows: 10 ** 6 })).rejects.toThrow('enough');
    await endpoint.received('download', 4);
    abort.abort(new Error('enough'));
    await rejected;
    await endpoint.received('CloseOperation');
  });

  test('cancels while it waits for the receiver', async () => {
    await using databricks = await connected({ directResults: 'off' });
    const { driver, endpoint } = databricks;
    const abort = new AbortController();
    const statement = { query: MANY, parameters: [], maxRows: 10 ** 6, timeoutMs: 60_000, signal: abort.signal };
    const waiting = Promise.withResolvers<void>();
    const receiver = {
      columns: () => undefined,
      rows: () => {
        waiting.resolve();
        return new Promise<void>(() => undefined);
      },
    };
    const rejected = expect(driver.run(statement, receiver)).rejects.toThrow('enough');
    await waiting.promise;
    abort.abort(new Error('enough'));
    await rejected;
    await endpoint.received('CancelOperation');
  });

  test('stops the statement when the receiver throws, and throws the same', async () => {
    await using databricks = await connected({ directResults: 'off' });
    const { driver, endpoint, count } = databricks;
    const { signal } = new AbortController();
    const statement = { query: MANY, parameters: [], maxRows: 10 ** 6, timeoutMs: 60_000, signal };
    const thrown = new Error('The disk is full');
    const receiver = {
      columns: () => undefined,
      rows() {
        throw thrown;
      },
    };
    await expect(driver.run(statement, receiver)).rejects.toBe(thrown);
    await endpoint.received('CloseOperation');
    expect(count('FetchResults')).toBe(1);
  });
});

describe('how much is fetched', () => {
  test('asks for no more rows than are wanted, and one more', async () => {
    await using databricks = await connected({ directResults: 'off' });
    const { driver, endpoint, count } = databricks;
    const result = await ask(driver, MANY, { maxRows: 10 });
    expect(result).toMatchObject({ rowCount: 10, truncated: true });
    expect((await endpoint.received('FetchResults')).maxRows).toBe(11);
    await endpoint.received('CloseOperation');
    expect(count('FetchResults')).toBe(1);
  });

  test.each(['arrow', 'cloudfetch'] as const)('fetches nothing before the receiver is ready (%s)', async (encoding) => {
    await using databricks = await connected({ encoding, directResults: 'off', fetchRows: 500, batchRows: 500 });
    const { driver, count } = databricks;
    const { signal } = new AbortController();
    const statement = {
      query: 'select id from range(2000)',
      parameters: [],
      maxRows: 10 ** 6,
      timeoutMs: 60_000,
      signal,
    };
    const fetched: number[] = [];
    const receiver = {
      columns: () => undefined,
      async rows() {
        await new Promise(setImmediate);
        fetched.push(count('FetchResults'));
      },
    };
    expect(await driver.run(statement, receiver)).toEqual({ rowCount: 2000, truncated: false });
    expect(fetched).toEqual([1, 2, 3, 4]);
  });

  test('hands over one batch after the other', async () => {
    await using databricks = await connected();
    const { signal } = new AbortController();
    const statement = {
      query: 'select id from range(9000)',
      parameters: [],
      maxRows: 10 ** 6,
      timeoutMs: 60_000,
      signal,
    };
    let atOnce = 0;
    const sizes: number[] = [];
    const receiver = {
      columns: () => undefined,
      async rows(rows: readonly unknown[]) {
        atOnce += 1;
        expect(atOnce).toBe(1);
        for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
        sizes.push(rows.length);
        atOnce -= 1;
      },
    };
    await databricks.driver.run(statement, receiver);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1000);
    expect(sizes.length).toBeGreaterThanOrEqual(9);
  });
});
