import { hasPostgres } from '@taskwire/testing/postgres';
import { describe, expect, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import type { SqlDriver, SqlRow } from '../src/driver.ts';
import { usePostgres } from './postgres-fixture.ts';

const MEGABYTE = 1024 * 1024;

describe.skipIf(!hasPostgres())('large results of PostgreSQL', () => {
  const postgres = usePostgres();
  const running = (query: string) =>
    `select count(*)::int from pg_stat_activity where state = 'active' and query = '${query}'`;
  const take = (driver: SqlDriver, query: string, rows: (batch: readonly SqlRow[]) => Promise<void> | void) => {
    const { signal } = new AbortController();
    const statement = { query, signal, parameters: [], maxRows: 10_000_000, timeoutMs: 60_000 };
    return driver.run(statement, { columns() {}, rows });
  };

  test('holds a few batches of a million rows in memory, and hands over each row once, in order', async () => {
    await using driver = postgres.open();
    const before = process.memoryUsage().rss;
    let next = 1;
    let highest = 0;
    let bytes = 0;
    const summary = await take(
      driver,
      "select n, repeat('x', 400) as text from generate_series(1, 1000000) s(n)",
      (batch) => {
        for (const [n, text] of batch) {
          if (n !== next) throw new Error(`row ${n} came in place of ${next}`);
          next += 1;
          bytes += String(text).length;
        }
        highest = Math.max(highest, process.memoryUsage().rss);
      },
    );
    expect(summary).toEqual({ rowCount: 1_000_000, truncated: false });
    expect(bytes).toBe(400_000_000);
    expect(highest - before).toBeLessThan(200 * MEGABYTE);
  });

  test('makes the server wait while the receiver is busy', async () => {
    await using driver = postgres.open();
    const query = 'select n from generate_series(1, 3000000) s(n)';
    const called = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    let rowCount = 0;
    let longest = 0;
    const all = take(driver, query, async (batch) => {
      rowCount += batch.length;
      longest = Math.max(longest, batch.length);
      called.resolve();
      await goOn.promise;
    });
    await called.promise;
    for (let look = 0; look < 10; look += 1) {
      await postgres.until(`select wait_event from pg_stat_activity where query = '${query}'`, 'ClientWrite');
    }
    expect(rowCount).toBeLessThan(10_000);
    goOn.resolve();
    expect(await all).toMatchObject({ rowCount: 3_000_000, truncated: false });
    expect(rowCount).toBe(3_000_000);
    // What came while the receiver was busy would stand in the next batch.
    expect(longest).toBeLessThan(20_000);
  });

  test('hands over few rows at a time when they are wide', async () => {
    await using driver = postgres.open();
    const batches: number[] = [];
    await take(driver, "select n, repeat('x', 300000) as text from generate_series(1, 100) s(n)", (batch) => {
      batches.push(batch.length);
    });
    expect(batches.reduce((sum, count) => sum + count)).toBe(100);
    expect(Math.max(...batches)).toBeLessThan(10);
  });

  test('refuses a row that no string can hold, and does not gather it', async () => {
    await using driver = postgres.open({ maxConnections: 1 });
    const before = process.memoryUsage().rss;
    await expect(ask(driver, "select repeat('x', 600 * 1024 * 1024) as a")).rejects.toMatchObject({
      code: 'too_large',
      message: 'A row has 601 MiB, and may have at most 64',
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MEGABYTE);
    const [row] = (await ask(driver, "select row(repeat('x', 30000000), repeat('\"', 10000000)) as a")).rows;
    const texts = (row?.a ?? []) as string[];
    expect(texts.map((text) => text.length)).toEqual([30_000_000, 10_000_000]);
    // The server itself makes 640 MB of text.
  }, 60_000);

  test('reads a list of a million texts', async () => {
    await using driver = postgres.open();
    const query = "select array_agg('a b' || n) as list from generate_series(1, 1000000) s(n)";
    const [row] = (await ask(driver, query)).rows;
    const list = (row?.list ?? []) as string[];
    expect([list.length, list[0], list.at(-1)]).toEqual([1_000_000, 'a b1', 'a b1000000']);
  });

  test.each([true, false])('stops the server when there are enough rows, reading only: %s', async (readOnly) => {
    await using driver = postgres.open({ readOnly, maxConnections: 1 });
    const query = 'select generate_series(1, 1000000000) as n';
    const [before] = (await ask(driver, 'select pg_backend_pid() as pid')).rows;
    const result = await ask(driver, query, { maxRows: 3 });
    expect(result).toMatchObject({ rows: [{ n: 1 }, { n: 2 }, { n: 3 }], rowCount: 3, truncated: true });
    await postgres.until(running(query), 0);
    expect((await ask(driver, 'select pg_backend_pid() as pid')).rows).toEqual([before]);
  });

  test('is not confused by an error behind the last row that is wanted', async () => {
    await using driver = postgres.open();
    const query = 'select 1 / (n - 2000) as n from generate_series(1, 3000) s(n)';
    expect(await ask(driver, query, { maxRows: 10 })).toMatchObject({ rowCount: 10, truncated: true });
  });
});
