import { fork } from 'node:child_process';
import { once } from 'node:events';
import { startTcpProxy } from '@taskwire/testing';
import { hasPostgres } from '@taskwire/testing/postgres';
import { describe, expect, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import type { RowReceiver, SqlStatement } from '../src/driver.ts';
import { useOwnPostgres } from './postgres-fixture.ts';

/** The lock shows that it runs, not only that it is being parsed. */
const ENDLESS = `select sum(a * b + c) from (select pg_advisory_xact_lock_shared(1) offset 0) lock,
  generate_series(1, 100000) a, generate_series(1, 100000) b, generate_series(1, 100000) c`;
const ROWS_WITHOUT_END = 'select generate_series(1, 1000000000) as n';
// Each of their statements takes a core for itself.
const CONNECTIONS = 3;

describe.skipIf(!hasPostgres())('cancelling in PostgreSQL', () => {
  const postgres = useOwnPostgres({ tls: 'on', settings: { max_parallel_workers: '0' } });
  const active = () =>
    `select count(*)::int from pg_stat_activity where datname = '${postgres.database}' and state = 'active'`;
  const executing = () => `${active()} and pid in (select pid from pg_locks where locktype = 'advisory')`;
  const statement = (query: string, signal: AbortSignal): SqlStatement => ({
    query,
    signal,
    parameters: [],
    maxRows: 2_000_000_000,
    timeoutMs: 60_000,
  });

  test.each(['disable', 'require'] as const)(
    'stops a statement on the server within a second, tls: %s',
    async (tls) => {
      await using driver = postgres.open({ tls });
      const abort = new AbortController();
      const rejected = expect(ask(driver, ENDLESS, { signal: abort.signal })).rejects.toThrow('enough');
      await postgres.until(executing(), 1);
      const abortedAt = performance.now();
      abort.abort(new Error('enough'));
      await rejected;
      await postgres.until(active(), 0);
      expect(performance.now() - abortedAt).toBeLessThan(1000);
    },
  );

  test('stops one when no connection is left, here or on the server', async () => {
    const { server, database } = postgres;
    await postgres.until(`select count(*)::int from pg_stat_activity where datname = '${database}'`, 0);
    await server.query(`alter role ${database} connection limit ${CONNECTIONS}`);
    await using driver = postgres.open({ maxConnections: CONNECTIONS });
    const aborts = Array.from({ length: CONNECTIONS + 1 }, () => new AbortController());
    const all = aborts.map(({ signal }) => expect(ask(driver, ENDLESS, { signal })).rejects.toThrow('enough'));
    await postgres.until(executing(), CONNECTIONS);
    await using other = postgres.open();
    await expect(ask(other, 'select 1')).rejects.toMatchObject({ code: 'connection', fault: 'busy' });

    // The last one waits for its turn, and never gets it.
    aborts.at(-1)?.abort(new Error('enough'));
    await all.at(-1);
    aborts[0]?.abort(new Error('enough'));
    await all[0];
    await postgres.until(executing(), CONNECTIONS - 1);
    for (const abort of aborts) abort.abort(new Error('enough'));
    await Promise.all(all);
    await postgres.until(active(), 0);
    await server.query(`alter role ${database} connection limit -1`);
  });

  test('never cancels what runs next on the connection', async () => {
    await using driver = postgres.open({ maxConnections: 1 });
    await ask(driver, 'select 1');
    for (let step = 0; step < 60; step += 1) {
      const abort = new AbortController();
      const first = ask(driver, 'select count(*) from generate_series(1, 20000)', { signal: abort.signal });
      const outcome = first.catch((thrown: Error) => thrown.message);
      const next = ask(driver, 'select count(*) as n from generate_series(1, 30000)');
      // After so many turns of the event loop, so that it hits every stage once.
      for (let turn = 0; turn < step; turn += 1) await new Promise(setImmediate);
      abort.abort(new Error('enough'));
      expect([expect.anything(), 'enough']).toContainEqual(await outcome);
      expect((await next).rows).toEqual([{ n: 30_000 }]);
    }
  });

  test('nor does it when the request to cancel is late', async () => {
    await using proxy = await startTcpProxy(postgres.server.port);
    await using driver = postgres.open({ maxConnections: 1, port: proxy.port });
    await ask(driver, 'select 1');
    proxy.holdNext();
    const abort = new AbortController();
    const rejected = expect(ask(driver, ENDLESS, { signal: abort.signal })).rejects.toThrow('may still run');
    await postgres.until(executing(), 1);
    abort.abort(new Error('enough'));
    await rejected;

    // The statement ends by other means; from now on the request must not reach what comes after it.
    await postgres.server.query(`select pg_cancel_backend(pid) from pg_stat_activity where query = '${ENDLESS}'`);
    const next = 'select pg_sleep(1), 7 as a';
    const result = ask(driver, next);
    await postgres.until(`select count(*)::int from pg_stat_activity where query = '${next}'`, 1);
    proxy.release();
    expect((await result).rows).toMatchObject([{ a: 7 }]);
    // The connection that it was meant for is cut off, and not only forgotten.
    await postgres.until(`select count(*)::int from pg_stat_activity where datname = '${postgres.database}'`, 1);
  });

  test('nor when that request was made because there were enough rows', async () => {
    await using proxy = await startTcpProxy(postgres.server.port);
    await using driver = postgres.open({ maxConnections: 1, port: proxy.port });
    await ask(driver, 'select 1');
    proxy.holdNext();
    // All of them have come before the server hears that no more are wanted.
    const result = await ask(driver, 'select n from generate_series(1, 3000) s(n)', { maxRows: 1500 });
    expect(result).toMatchObject({ rowCount: 1500, truncated: true });
    const next = 'select pg_sleep(1), 7 as a';
    const nextResult = ask(driver, next);
    await postgres.until(`select count(*)::int from pg_stat_activity where query = '${next}'`, 1);
    proxy.release();
    expect((await nextResult).rows).toMatchObject([{ a: 7 }]);
  });

  test('does not wait for a receiver that never ends with the last rows', async () => {
    await using driver = postgres.open({ maxConnections: 1 });
    const abort = new AbortController();
    const called = Promise.withResolvers<void>();
    const receiver: RowReceiver = {
      columns() {},
      rows() {
        called.resolve();
        return new Promise(() => undefined);
      },
    };
    const rejected = expect(driver.run(statement('select 1', abort.signal), receiver)).rejects.toThrow('enough');
    await called.promise;
    abort.abort(new Error('enough'));
    await rejected;
    expect((await ask(driver, 'select 1 as a')).rows).toEqual([{ a: 1 }]);
  });

  test('does not wait for a receiver that never ends, and does not call it again', async () => {
    await using driver = postgres.open({ maxConnections: 1 });
    const abort = new AbortController();
    const called = Promise.withResolvers<void>();
    let calls = 0;
    const receiver: RowReceiver = {
      columns() {},
      rows() {
        calls += 1;
        called.resolve();
        return new Promise(() => undefined);
      },
    };
    const rejected = expect(driver.run(statement(ROWS_WITHOUT_END, abort.signal), receiver)).rejects.toThrow('enough');
    await called.promise;
    // The server waits for us to take its rows.
    await postgres.until(
      `select wait_event from pg_stat_activity where query like '${ROWS_WITHOUT_END}'`,
      'ClientWrite',
    );
    abort.abort(new Error('enough'));
    await rejected;
    await postgres.until(active(), 0);
    expect((await ask(driver, 'select 1 as a')).rows).toEqual([{ a: 1 }]);
    expect(calls).toBe(1);
  });

  test('stops a statement whose receiver throws, and keeps the connection', async () => {
    await using driver = postgres.open({ maxConnections: 1 });
    const [before] = (await ask(driver, 'select pg_backend_pid() as pid')).rows;
    const { signal } = new AbortController();
    const receiver: RowReceiver = {
      columns() {},
      rows() {
        throw new Error('no space left');
      },
    };
    await expect(driver.run(statement(ROWS_WITHOUT_END, signal), receiver)).rejects.toThrow('no space left');
    await postgres.until(active(), 0);
    expect((await ask(driver, 'select pg_backend_pid() as pid')).rows).toEqual([before]);
  });

  test('gives up a connection whose server does not stop', async () => {
    await using driver = postgres.open({ maxConnections: 1 });
    const [row] = (await ask(driver, 'select pg_backend_pid() as pid')).rows;
    const pid = Number(row?.pid);
    const abort = new AbortController();
    const rejected = expect(ask(driver, ENDLESS, { signal: abort.signal })).rejects.toThrow('may still run');
    await postgres.until(executing(), 1);
    process.kill(pid, 'SIGSTOP');
    try {
      abort.abort(new Error('enough'));
      await rejected;
      expect((await ask(driver, 'select 1 as a')).rows).toEqual([{ a: 1 }]);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await postgres.until(active(), 0);
  });

  test('says within 3 s that a statement may still run when the path to the server is cut', async () => {
    await using proxy = await startTcpProxy(postgres.server.port);
    await using driver = postgres.open({ maxConnections: 1, port: proxy.port });
    const abort = new AbortController();
    const outcome = ask(driver, ENDLESS, { signal: abort.signal }).catch((thrown: unknown) => thrown);
    await postgres.until(executing(), 1);
    proxy.blackhole(true);
    const abortedAt = performance.now();
    abort.abort(new Error('enough'));
    const message = expect.stringMatching(/^the engine did not confirm it, so the statement may still run there: /);
    expect(await outcome).toMatchObject({ name: 'StillRunsError', message });
    expect(performance.now() - abortedAt).toBeLessThan(3000);
    expect((await postgres.server.query(active()))[0]).toEqual({ count: 1 });
    // Then the server notices that nobody is there.
    proxy.cut();
    await postgres.until(active(), 0);
  });

  test('a statement ends on the server when our process is killed', async () => {
    const { server, database } = postgres;
    const child = fork(new URL('postgres-endless.ts', import.meta.url), {
      execArgv: [],
      env: { OPTIONS: JSON.stringify({ ...server, database }), QUERY: ENDLESS },
    });
    const exited = once(child, 'exit');
    await postgres.until(executing(), 1);
    child.kill('SIGKILL');
    await exited;
    await postgres.until(active(), 0);
  });
});
