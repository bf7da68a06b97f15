import { describe, expect, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import { connected } from './databricks-fixture.ts';

describe('sessions of Databricks', () => {
  test('runs one statement after the other in one session', async () => {
    await using databricks = await connected();
    const { driver, count } = databricks;
    for (const id of [1, 2, 3]) expect((await ask(driver, `select ${id} as a`)).rows).toEqual([{ a: id }]);
    expect(count('OpenSession')).toBe(1);
    expect(count('ExecuteStatement')).toBe(3);
  });

  test('needs one request for a small result', async () => {
    await using databricks = await connected({ directResults: 'closing' });
    const { driver, endpoint } = databricks;
    await ask(driver, 'select 1 as a');
    expect(endpoint.requests.map(({ name }) => name)).toEqual(['OpenSession', 'ExecuteStatement']);
  });

  test('opens no more than it may, and lets statements wait', async () => {
    await using databricks = await connected({}, { maxSessions: 2 });
    const { driver, endpoint, count } = databricks;
    const asked = Array.from({ length: 8 }, (_, id) => ask(driver, `select ${id} as a`));
    expect((await Promise.all(asked)).map(({ rows }) => rows[0]?.a)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(count('OpenSession')).toBe(2);
    expect(endpoint.openSessions).toHaveLength(2);
  });

  test('waits for a session no longer than until the abort, and takes it from nobody', async () => {
    await using databricks = await connected({}, { maxSessions: 1 });
    const { driver, endpoint, count } = databricks;
    const running = new AbortController();
    const waiting = new AbortController();
    const [first, second] = [
      ask(driver, 'select /*+ endless */ 1', { signal: running.signal }),
      ask(driver, 'select 2 as a', { signal: waiting.signal }),
    ].map((asked) => asked.catch((thrown: unknown) => thrown));
    const third = ask(driver, 'select 3 as a');
    await endpoint.running('endless');
    waiting.abort('no patience');
    expect(await second).toBe('no patience');
    running.abort('enough');
    expect(await first).toBe('enough');
    expect((await third).rows).toEqual([{ a: 3 }]);
    expect(count('ExecuteStatement')).toBe(2);
  });

  test('closes a session that is idle, on the server too', async () => {
    await using databricks = await connected({}, { idleMs: 1 });
    const { driver, endpoint, count } = databricks;
    await ask(driver, 'select 1 as a');
    await endpoint.received('CloseSession');
    await ask(driver, 'select 1 as a');
    expect(count('OpenSession')).toBe(2);
  });

  test.each(['status', 'http'] as const)('replaces sessions that the server has forgotten (%s)', async (how) => {
    await using databricks = await connected({ invalidHandles: how });
    const { driver, endpoint, count } = databricks;
    await Promise.all([ask(driver, 'select 1 as a'), ask(driver, 'select 2 as a')]);
    endpoint.expireSessions();
    expect((await ask(driver, 'select 3 as a')).rows).toEqual([{ a: 3 }]);
    expect(count('OpenSession')).toBe(3);
  });

  test('does not go on for ever when sessions are forgotten at once', async () => {
    await using databricks = await connected();
    const { driver, endpoint } = databricks;
    endpoint.failNext({ on: 'ExecuteStatement', how: { kind: 'invalid-handle' }, times: 9 });
    await expect(ask(driver, 'select 1 as a')).rejects.toMatchObject({ code: 'connection', fault: 'unavailable' });
    endpoint.clearFaults();
    expect((await ask(driver, 'select 1 as a')).rows).toEqual([{ a: 1 }]);
  });

  test('asks for settings that make values and errors exact, and for a time limit', async () => {
    await using databricks = await connected({}, { catalog: 'workspace', schema: 'default' });
    const { driver, endpoint } = databricks;
    await ask(driver, 'select 1 as a', { timeoutMs: 45_000 });
    const { configuration } = await endpoint.received('OpenSession');
    expect(configuration).toEqual({ STATEMENT_TIMEOUT: '60', TIMEZONE: 'UTC', ANSI_MODE: 'true' });
  });

  test('gives statements with another time limit another session, and no more than it may', async () => {
    await using databricks = await connected({}, { maxSessions: 1 });
    const { driver, endpoint } = databricks;
    for (const timeoutMs of [60_000, 50_000, 3_600_000, 10 ** 9]) await ask(driver, 'select 1 as a', { timeoutMs });
    await endpoint.received('CloseSession', 2);
    const opened = endpoint.requests.filter(({ name }) => name === 'OpenSession');
    expect(opened.map(({ configuration }) => configuration?.STATEMENT_TIMEOUT)).toEqual(['60', '3600', '172800']);
  });

  test('keeps the sessions of other schemas apart', async () => {
    await using databricks = await connected({}, { readOnly: false, maxSessions: 2, schema: 'default' });
    const { driver, count } = databricks;
    await ask(driver, 'create schema other');
    const opened = count('OpenSession');
    const where = async (options = {}) => (await ask(driver, 'select current_schema() as s', options)).rows[0]?.s;
    for (const _round of [1, 2]) {
      expect(await where()).toBe('default');
      expect(await where({ schema: 'other' })).toBe('other');
    }
    expect(await where({ schema: 'default' })).toBe('default');
    expect(count('OpenSession') - opened).toBe(2);
    // The session that was used last.
    expect(await where({ schema: 'other' })).toBe('other');
    expect(await driver.check(new AbortController().signal)).toContain('schema default');
  });

  test('a catalog that a statement names in vain is its own error, and one of the connection is not', async () => {
    await using databricks = await connected({}, { schema: 'default' });
    const { driver } = databricks;
    await expect(ask(driver, 'select 1', { catalog: 'nope' })).rejects.toMatchObject({
      ...{ code: 'failed', engineCode: '42704' },
      message: '[SCHEMA_NOT_FOUND] The schema `nope`.`default` cannot be found.',
    });
    await using wrong = await connected({}, { schema: 'nope' });
    await expect(ask(wrong.driver, 'select 1')).rejects.toMatchObject({ code: 'connection', fault: 'not_found' });
  });

  test.each(['TIMEDOUT', 'ERROR'] as const)('reports a statement that the server has given up (%s)', async (state) => {
    await using databricks = await connected({ timeoutState: state });
    const { driver } = databricks;
    await expect(ask(driver, 'select /*+ endless */ 1', { timeoutMs: 900 })).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringContaining('STATEMENT_TIMEOUT'),
    });
  });

  test('closes all sessions with the driver', async () => {
    await using databricks = await connected();
    const { driver, endpoint } = databricks;
    const rejected = expect(ask(driver, 'select /*+ endless */ 1')).rejects.toMatchObject({ code: 'cancelled' });
    await Promise.all([ask(driver, 'select 1 as a'), ask(driver, 'select 2 as a'), endpoint.running('endless')]);
    await driver[Symbol.asyncDispose]();
    await rejected;
    expect(endpoint.openSessions).toEqual([]);
    expect(endpoint.runningOperations).toEqual([]);
  });

  test('names parameters itself, and gives each its type', async () => {
    await using databricks = await connected();
    const { driver, endpoint } = databricks;
    const parameters = { s: "'x", i: 7, l: 2 ** 40, d: 1.5, b: true, n: null };
    const query = 'select $s as s, $i as i, $l as l, $d as d, $b as b, $n as n, $s as t';
    const { rows } = await ask(driver, query, { parameters });
    expect(rows).toEqual([{ s: "'x", i: 7, l: 2 ** 40, d: 1.5, b: true, n: null, t: "'x" }]);
    expect((await endpoint.received('ExecuteStatement')).parameters).toEqual([
      { name: 'taskwire_1', type: 'STRING', value: "'x" },
      { name: 'taskwire_2', type: 'INTEGER', value: '7' },
      { name: 'taskwire_3', type: 'BIGINT', value: '1099511627776' },
      { name: 'taskwire_4', type: 'DOUBLE', value: '1.5' },
      { name: 'taskwire_5', type: 'BOOLEAN', value: 'TRUE' },
      { name: 'taskwire_6' },
    ]);
  });

  test('gives no value to a :name of the query itself', async () => {
    await using databricks = await connected();
    const { driver, endpoint } = databricks;
    await expect(ask(driver, 'select :x + $x', { parameters: { x: 1 } })).rejects.toMatchObject({ code: 'syntax' });
    const { statement, parameters } = await endpoint.received('ExecuteStatement');
    expect(statement).toBe('select :x + :taskwire_1');
    expect(parameters?.map(({ name }) => name)).toEqual(['taskwire_1']);
  });
});
