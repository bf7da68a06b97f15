import { describe, expect, test } from 'vitest';
import type { SqlDriver } from '../driver.ts';
import { expectEstimate } from '../estimate.ts';
import { ask } from './ask.ts';
import type { SqlDriverSuite } from './dialect.ts';

/** In the unit of any engine. */
const BOUND = 5000;

export function describeEstimating({ create, createWritable, dialect }: SqlDriverSuite): void {
  describe('estimates', () => {
    const { series } = dialect;
    const expectOf = (driver: SqlDriver, query: string, parameters: readonly number[] = []) => {
      const { signal } = new AbortController();
      return expectEstimate(driver, { query, parameters, maxRows: 1, timeoutMs: 60_000, signal }, BOUND);
    };
    const check = async (query: string, parameters?: readonly number[]) => {
      await using driver = await create();
      await expectOf(driver, query, parameters);
    };

    test.each([
      ['alone', series(1_000_000), []],
      ['behind a semicolon and comments', `; -- one\n/* two */ ${series(1_000_000)}; -- three`, []],
      ['with parameters', `select n from (${series(1_000_000)}) s where n > ? + ?`, [1, 2]],
      ['for its first row', `(${series(1_000_000)}) order by n limit 1`, []],
      ['as EXPLAIN ANALYZE', `explain analyze ${series(1)}`, []],
    ])('refuses a large query %s, and names the setting', async (_how, query, parameters) => {
      await expect(check(query, parameters)).rejects.toMatchObject({
        code: 'not_allowed',
        message: expect.stringMatching(/EXPLAIN.*5000 \(max_estimate\)$/),
      });
    });

    test('looks at what a change reads, and changes nothing', async () => {
      await using driver = await createWritable();
      await ask(driver, 'create table items (id bigint)');
      const change = (count: number) => `insert into items ${dialect.series(count)}`;
      await expect(expectOf(driver, change(1_000_000))).rejects.toMatchObject({ code: 'not_allowed' });
      await expectOf(driver, change(100));
      expect((await ask(driver, 'select count(*) as n from items')).rows).toEqual([{ n: 0 }]);
    });

    test.each([
      ['a small query', series(100)],
      ['what has its own error', 'selec 1'],
      ['an unknown table', 'select * from no_such_table'],
      ['EXPLAIN', `explain ${series(1_000_000)}`],
      ['several statements', `${series(1)}; ${series(1_000_000)}`],
    ])('lets %s pass', async (_what, query) => {
      await expect(check(query)).resolves.toBeUndefined();
    });
  });
}
