import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { SqlError } from '../sql-error.ts';
import { ask } from './ask.ts';
import type { SqlDriverSuite } from './dialect.ts';

export function describeNamespaces({ createWritable }: SqlDriverSuite): void {
  describe('schemas', () => {
    test('looks names up in the schema of a statement, for that statement alone', async () => {
      await using driver = await createWritable();
      const schema = `other_${randomUUID().replaceAll('-', '')}`;
      await ask(driver, `create schema ${schema}`);
      for (const [id, table] of [`items`, `${schema}.items`].entries()) {
        await ask(driver, `create table ${table} (id int)`);
        await ask(driver, `insert into ${table} values (${id})`);
      }
      const items = async (options = {}) => (await ask(driver, 'select id from items order by id', options)).rows;
      expect(await items()).toEqual([{ id: 0 }]);
      expect(await items({ schema })).toEqual([{ id: 1 }]);
      expect(await items()).toEqual([{ id: 0 }]);
      await ask(driver, 'insert into items values (2)', { schema });
      expect(await Promise.all([items({ schema }), items()])).toEqual([[{ id: 1 }, { id: 2 }], [{ id: 0 }]]);
      await ask(driver, `drop schema ${schema} cascade`);
    });

    test('says that there is no such schema, and goes on', async () => {
      await using driver = await createWritable();
      const error = await ask(driver, 'select 1 as a', { schema: 'no_such_schema' }).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SqlError);
      expect(error).toMatchObject({ code: 'failed', message: expect.stringContaining('no_such_schema') });
      expect((await ask(driver, 'select 1 as a')).rows).toEqual([{ a: 1 }]);
    });
  });
}
