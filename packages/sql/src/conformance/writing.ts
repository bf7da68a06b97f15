import { describe, expect, test } from 'vitest';
import { ask } from './ask.ts';
import type { SqlDriverSuite } from './dialect.ts';

export function describeWriting({ create, createWritable, dialect }: SqlDriverSuite): void {
  describe('writing', () => {
    test('says how many rows a statement has changed', async () => {
      await using driver = await createWritable();
      const created = await ask(driver, 'create table items (id int, label varchar(20))');
      expect(created).toMatchObject({ truncated: false });
      const inserted = await ask(driver, 'insert into items values (1, $label), (2, $label), (3, null)', {
        parameters: { label: 'x' },
      });
      expect(inserted).toMatchObject(dialect.countsChanges === false ? { rowCount: 0 } : { affectedRows: 3 });
      expect((await ask(driver, 'select id, label from items order by id')).rows).toEqual([
        { id: 1, label: 'x' },
        { id: 2, label: 'x' },
        { id: 3, label: null },
      ]);
    });

    test('returns no columns for a statement that returns no rows', async () => {
      await using driver = await createWritable();
      expect(await ask(driver, 'create table nothing (id int)')).toMatchObject({ columns: [], rows: [], rowCount: 0 });
    });

    test('undoes what a failing statement has done', async () => {
      await using driver = await createWritable();
      await ask(driver, 'create table items (id int)');
      await expect(ask(driver, "insert into items select cast('x' as int)")).rejects.toThrow();
      expect((await ask(driver, 'select * from items')).rows).toEqual([]);
    });

    test.each([
      'create table items (id int)',
      'insert into items values (1)',
      'drop table items',
      'update items set id = 2',
      'delete from items',
    ])('refuses to write unless it may: %s', async (query) => {
      await using driver = await create();
      await expect(ask(driver, query)).rejects.toMatchObject({ code: 'not_allowed', isWrite: true });
    });
  });
}
