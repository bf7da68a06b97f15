import type { JsonValue } from '@taskwire/protocol';
import { hasPostgres } from '@taskwire/testing/postgres';
import { beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import type { SqlError } from '../src/index.ts';
import { usePostgres } from './postgres-fixture.ts';

describe.skipIf(!hasPostgres())('statements of PostgreSQL', () => {
  const postgres = usePostgres();
  beforeAll(async () => {
    const { server, database } = postgres;
    await server.query(
      `create table items (id int primary key, label text, price numeric(10,2), parent int references items deferrable initially deferred);
       alter table items owner to ${database};
       insert into items values (1, 'one', 1.50), (2, 'two', 2.50);
       create schema extra; create table extra.secret (id int); grant usage on schema extra to ${database};
       create function fail(text) returns int language plpgsql as $$ begin raise exception '%', $1 using hint = 'try' || chr(10) || 'again.'; end $$`,
      database,
    );
  });
  const failure = async (query: string, parameters: JsonValue[] = []) => {
    await using driver = postgres.open();
    return (await ask(driver, query, { parameters }).catch((thrown: unknown) => thrown)) as SqlError;
  };

  describe('errors', () => {
    test.each([
      ["select '🦆🦆é', wrong from items", 'wrong', 1],
      ["select '🦆',\n  1,\n  wrong", 'wrong', 3],
      ['select id frm items wher', 'items', 1],
    ])('says where it is in %s', async (query, word, line) => {
      const error = await failure(query);
      const at = query.indexOf(word);
      expect(error.position).toBe(at);
      const column = at - query.lastIndexOf('\n', at);
      expect(error.message).toMatch(new RegExp(`\\(line ${line}, column ${column}\\)$`));
    });

    test('says where it is in the query, not in what placeholders became', async () => {
      await using driver = postgres.open();
      const query = "select '🦆', $a_long_name::int, $b::int, wrong";
      const error = (await ask(driver, query, { parameters: { a_long_name: 1, b: 2 } }).catch(
        (e: unknown) => e,
      )) as SqlError;
      expect(error).toMatchObject({ position: query.indexOf('wrong'), code: 'failed', engineCode: '42703' });
    });

    test("passes on the engine's hint, in one line", async () => {
      expect((await failure('select labl from items')).message).toBe(
        'column "labl" does not exist. Perhaps you meant to reference the column "items.label" (line 1, column 8)',
      );
      expect((await failure("select fail('no' || chr(10) || 'way.')")).message).toBe('no way. try again');
    });

    test.each([
      ['select 1 / 0', 'failed', '22012'],
      ['select * from extra.secret', 'not_allowed', '42501'],
      ["select 'a'::int", 'failed', '22P02'],
      ['select 1; select 2', 'several_statements', '42601'],
      ['select (', 'syntax', '42601'],
      ["select 'never closed", 'syntax', '42601'],
      ['vacuum', 'not_allowed', '25001'],
    ])('%s is %s', async (query, code, engineCode) => {
      expect(await failure(query)).toMatchObject({ name: 'SqlError', code, engineCode });
    });

    test('refuses what cannot be sent as text', async () => {
      expect(await failure('select 1 \0')).toMatchObject({ code: 'syntax' });
      expect(await failure("select '\ud83e'")).toMatchObject({ code: 'syntax' });
      expect(await failure('select ?::text', ['a\0b'])).toMatchObject({ code: 'parameters' });
    });

    test('says that the statement ran for too long', async () => {
      await using driver = postgres.open();
      const error = await ask(driver, 'select pg_sleep(100)', { timeoutMs: 50 }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'failed', engineCode: '57014', message: expect.stringContaining('timeout') });
    });
  });

  describe('parameters', () => {
    test.each<[query: string, parameters: JsonValue[], value: JsonValue]>([
      ['select ?', [1], 1],
      ['select ?', [2 ** 31], 2 ** 31],
      ['select ?', ['x'], 'x'],
      ['select ?', [true], true],
      ['select ?', [null], null],
      ['select ? + ?', [1, 2], 3],
      ['select ? + ?', [0.1, 0.2], '0.3'],
      ['select ? || ?', ['a', 'b'], 'ab'],
      ['select concat(?, ?)', ['a', 1], 'a1'],
      ["select format('%s-%s', ?, ?)", ['a', null], 'a-'],
      ['select ? is null', [null], true],
      ['select coalesce(?, ?)', [null, 'b'], 'b'],
      ['select jsonb_build_object(?, ?, ?, ?)', ['a', 1, 'b', 'c'], { a: 1, b: 'c' }],
      ['select id from items where id = ?', [2], 2],
      ['select id from items where id = ?', ['2'], 2],
      ['select id from items where price > ?', [1.6], 2],
      ['select id from items where price = ?', ['1.50'], 1],
      ['select id from items where label like ?', ['tw%'], 2],
      ["select id from items where id = any(string_to_array(?, ',')::int[])", ['2,3'], 2],
      ['select id from items order by id limit ?', [1], 1],
      ['select id from items order by id offset ?', [1], 2],
      ["select date '2024-01-31' + ?", [1], '2024-02-01'],
      ["select (timestamp '2024-01-31' + ?::interval)::date", ['1 day'], '2024-02-01'],
      ['select round(?, 1)', [0.25], '0.3'],
      ["select repeat('a', ?)", [3], 'aaa'],
      ['select sqrt(?)', [4], 2],
      ['select \'{"a": 1}\'::jsonb ?? ?', ['a'], true],
      ["select '?' || ?", ['a'], '?a'],
    ])('%s with %j', async (query, parameters, value) => {
      await using driver = postgres.open();
      const { rows } = await ask(driver, query, { parameters });
      expect(rows.flatMap((row) => Object.values(row))).toEqual([value]);
    });

    test('takes as many as the protocol can count, and no more', async () => {
      await using driver = postgres.open();
      const marks = (count: number) => `select ${Array.from({ length: count }, () => '?').join('+')} as sum`;
      const ones = (count: number) => Array.from({ length: count }, () => 1);
      expect((await ask(driver, marks(2000), { parameters: ones(2000) })).rows).toEqual([{ sum: 2000 }]);
      await expect(ask(driver, marks(65_536), { parameters: ones(65_536) })).rejects.toMatchObject({
        code: 'parameters',
      });
    });
  });

  describe('results', () => {
    test.each<[query: string, rows: JsonValue[]]>([
      ['show server_encoding', [{ server_encoding: 'UTF8' }]],
      ['values (1), (2)', [{ column1: 1 }, { column1: 2 }]],
      ['table items limit 0', []],
      [
        'with recursive t(n) as (select 1 union all select n + 1 from t where n < 2) select * from t',
        [{ n: 1 }, { n: 2 }],
      ],
      ['explain (costs off) select 1 as a', [{ 'QUERY PLAN': 'Result' }]],
      ['select from items', [{}, {}]],
      ['set statement_timeout = 1', []],
      ['do $$ begin perform 1; end $$', []],
    ])('%s', async (query, rows) => {
      await using driver = postgres.open();
      expect(await ask(driver, query)).toMatchObject({ rows, rowCount: rows.length, truncated: false });
    });

    test('says how many rows were changed, also by a statement that returns some', async () => {
      await using driver = postgres.open({ readOnly: false });
      const insert = "insert into items select n, 'many' from generate_series(100, 199) n returning id";
      const all = await ask(driver, insert);
      expect(all).toMatchObject({ rowCount: 100, truncated: false, affectedRows: 100 });
      expect(await ask(driver, "update items set label = 'x' where id >= 100")).toMatchObject({ affectedRows: 100 });
      expect(await ask(driver, 'delete from items where id > 1000')).toMatchObject({ affectedRows: 0 });
      expect(await ask(driver, 'create table copies as select * from items where id >= 100')).toMatchObject({
        columns: [],
        affectedRows: 100,
      });
      expect(await ask(driver, 'select 1')).not.toHaveProperty('affectedRows');
      expect(await ask(driver, 'delete from items where id >= 100 returning id', { maxRows: 3 })).toMatchObject({
        rowCount: 3,
        truncated: true,
      });
      expect((await ask(driver, 'select count(*) as n from items')).rows).toEqual([{ n: 2 }]);
    });

    test('takes what has a placeholder of its own, without parameters', async () => {
      await using driver = postgres.open({ readOnly: false });
      await postgres.server.query(`grant create on schema public to ${postgres.database}`, postgres.database);
      await ask(driver, 'create function plus(a int, b int) returns int language sql return $1 + b');
      expect((await ask(driver, 'select plus(?, 2) as sum', { parameters: [1] })).rows).toEqual([{ sum: 3 }]);
    });

    test('reports a constraint that is found broken only at the end', async () => {
      await using driver = postgres.open({ readOnly: false });
      const query = "insert into items values (3, 'orphan', 1, 99)";
      await expect(ask(driver, query)).rejects.toMatchObject({ code: 'failed', engineCode: '23503' });
      expect((await ask(driver, 'select count(*) as n from items')).rows).toEqual([{ n: 2 }]);
    });

    test('looks for tables in the schema that is configured', async () => {
      const { server, database } = postgres;
      await server.query('create table extra.here as select 7 as n; grant select on extra.here to public', database);
      await using driver = postgres.open({ schema: 'extra' });
      expect((await ask(driver, 'select n from here')).rows).toEqual([{ n: 7 }]);
    });
  });
});
