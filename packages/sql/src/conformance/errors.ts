import { describe, expect, test } from 'vitest';
import { SqlError } from '../sql-error.ts';
import { ask } from './ask.ts';
import type { SqlDriverSuite } from './dialect.ts';

export function describeErrors({ create, dialect }: SqlDriverSuite): void {
  describe('errors', () => {
    test("reports a syntax error in the engine's words", async () => {
      await using driver = await create();
      const error = await ask(driver, 'selec 1').catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SqlError);
      expect(error).toMatchObject({ code: 'syntax', message: expect.stringMatching(dialect.syntaxError) });
    });

    test('reports an unknown table by its name, in one line', async () => {
      await using driver = await create();
      const error = await ask(driver, 'select * from no_such_table').catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(SqlError);
      expect(error).toMatchObject({ code: 'failed', message: expect.stringMatching(/^[^\n]*no_such_table[^\n]*$/) });
    });

    test('says where in the query an error is, if it says so at all', async () => {
      await using driver = await create();
      const query = "select '🦆ü' as a,\n  no_such_column";
      const error = (await ask(driver, query).catch((thrown: unknown) => thrown)) as SqlError;
      expect(error.message).toContain('no_such_column');
      expect([query.indexOf('no_such_column'), undefined]).toContain(error.position);
    });

    test('fails, and returns no part of the rows, when the engine fails in the middle of a large result', async () => {
      await using driver = await create();
      const query = dialect.failingSeries({ failing: 900_000, count: 1_000_000 });
      await expect(ask(driver, query, { maxRows: 10_000_000 })).rejects.toMatchObject({ code: 'failed' });
    });

    test.each(['select 1; select 2', 'select 1;;select 2', 'select 1 -- one\n; select 2 -- two'])(
      'refuses several statements in one text: %j',
      async (query) => {
        await using driver = await create();
        await expect(ask(driver, query)).rejects.toMatchObject({ code: 'several_statements' });
      },
    );

    test.each([
      'select 1 as a;',
      'select 1 as a ; ; ',
      'select 1 as a -- one',
      'select 1 as a; -- one; two',
      '-- one;\n/* two; */ select 1 as a /* three; */; /* four; */',
    ])('takes semicolons and comments around one statement: %j', async (query) => {
      await using driver = await create();
      expect((await ask(driver, query)).rows).toEqual([{ a: 1 }]);
    });

    test.each(['', ' \n', '-- nothing', ';'])('refuses a text without a statement: %j', async (query) => {
      await using driver = await create();
      await expect(ask(driver, query)).rejects.toMatchObject({ code: 'syntax' });
    });

    test('refuses a statement that would end the subquery which bounds it', async () => {
      await using driver = await create();
      await expect(ask(driver, 'select 1 as a) s cross join (select 2 as b')).rejects.toMatchObject({ code: 'syntax' });
    });

    test('works on after an error', async () => {
      await using driver = await create();
      await expect(ask(driver, 'select * from no_such_table')).rejects.toThrow();
      expect((await ask(driver, 'select 1 as a')).rows).toEqual([{ a: 1 }]);
    });
  });
}
