import { describe, expect, test } from 'vitest';
import { ask } from './ask.ts';
import type { SqlDriverSuite } from './dialect.ts';

export function describeRows({ create, dialect }: SqlDriverSuite): void {
  const names = (columns: readonly { name: string }[]) => columns.map(({ name }) => name);

  describe('rows', () => {
    test('returns rows as objects, and columns in the order of the statement', async () => {
      await using driver = await create();
      const result = await ask(
        driver,
        `select n, n * 2 as twice, 'x' as ${dialect.identifier('a b')} from (${dialect.series(2)}) s order by n`,
      );
      expect(names(result.columns)).toEqual(['n', 'twice', 'a b']);
      expect(result.rows).toEqual([
        { n: 1, twice: 2, 'a b': 'x' },
        { n: 2, twice: 4, 'a b': 'x' },
      ]);
      expect(result).toMatchObject({ rowCount: 2, truncated: false });
    });

    test('keeps the columns of an empty result', async () => {
      await using driver = await create();
      const result = await ask(driver, `select n, 'x' as label from (${dialect.series(3)}) s where n > 5`);
      expect(names(result.columns)).toEqual(['n', 'label']);
      expect(result).toMatchObject({ rows: [], rowCount: 0, truncated: false });
    });

    test('keeps both of two columns with the same name', async () => {
      await using driver = await create();
      const result = await ask(driver, 'select 1 as a, 2 as a, 3 as b');
      expect(names(result.columns)).toEqual(['a', 'a_1', 'b']);
      expect(result.rows).toEqual([{ a: 1, a_1: 2, b: 3 }]);
    });

    test('keeps a column called __proto__', async () => {
      await using driver = await create();
      const result = await ask(driver, `select 1 as ${dialect.identifier('__proto__')}`);
      expect(names(result.columns)).toEqual(['__proto__']);
      expect(JSON.stringify(result.rows)).toBe('[{"__proto__":1}]');
    });

    test('keeps the order of ORDER BY', async () => {
      await using driver = await create();
      const result = await ask(driver, `select n from (${dialect.series(50_000)}) s order by n desc`, { maxRows: 3 });
      expect(result.rows).toEqual([{ n: 50_000 }, { n: 49_999 }, { n: 49_998 }]);
    });

    test.each([
      { count: 9, maxRows: 10, rowCount: 9, truncated: false },
      { count: 10, maxRows: 10, rowCount: 10, truncated: false },
      { count: 11, maxRows: 10, rowCount: 10, truncated: true },
      { count: 5000, maxRows: 2049, rowCount: 2049, truncated: true },
      { count: 1, maxRows: 0, rowCount: 0, truncated: true },
    ])('says truncated: $truncated for $count rows of at most $maxRows', async ({ count, maxRows, ...expected }) => {
      await using driver = await create();
      const result = await ask(driver, dialect.series(count), { maxRows });
      expect(result).toMatchObject(expected);
      expect(result.rows).toEqual(Array.from({ length: expected.rowCount }, (_, index) => ({ n: index + 1 })));
    });

    test('keeps the columns, and says that there are rows, when none are wanted', async () => {
      await using driver = await create();
      const result = await ask(driver, 'select 1 as a', { maxRows: 0 });
      expect(names(result.columns)).toEqual(['a']);
      expect(result).toMatchObject({ rows: [], rowCount: 0, truncated: true });
    });

    test('does not mix up queries that run at once', async () => {
      await using driver = await create();
      const queries = Array.from({ length: 8 }, (_, id) =>
        ask(driver, `select ${id} as id, n from (${dialect.series(500)}) s order by n`),
      );
      for (const [id, result] of (await Promise.all(queries)).entries()) {
        expect(result.rows).toEqual(Array.from({ length: 500 }, (_, index) => ({ id, n: index + 1 })));
      }
    });
  });
}
