import { hasPostgres } from '@taskwire/testing/postgres';
import { beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import { usePostgres } from './postgres-fixture.ts';

describe.skipIf(!hasPostgres())('a PostgreSQL that is only read', () => {
  const postgres = usePostgres();
  beforeAll(async () => {
    const { server, database } = postgres;
    // The role may write all of this: it is the transaction that keeps it from doing so.
    await server.query(
      `set role ${database};
       create table items (id int); insert into items values (1);
       create sequence numbers;
       create function writes() returns int language sql as 'insert into items values (2) returning id';
       create function turns() returns int language plpgsql as $$
         begin set transaction read write; insert into items values (2); return 1; end $$;
       create function turns_by_setting() returns int language plpgsql as $$
         begin perform set_config('transaction_read_only', 'off', true); insert into items values (2); return 1; end $$;
       create procedure commits() language plpgsql as $$
         begin commit; set transaction read write; insert into items values (2); end $$`,
      database,
    );
  });

  const contents = () =>
    postgres.server.query(
      `select (select array_agg(id) from items) as items, (select is_called from numbers) as counted,
        (select count(*)::int from pg_prepared_xacts) as prepared, (select count(*)::int from pg_largeobject_metadata) as blobs,
        (select count(*)::int from pg_class where relname in ('made', 'temporary')) as tables`,
      postgres.database,
    );
  const UNTOUCHED = [{ items: [1], counted: false, prepared: 0, blobs: 0, tables: 0 }];

  test.each([
    'insert into items values (2)',
    'with w as (insert into items values (2) returning id) select * from w',
    'explain analyze insert into items values (2)',
    'select writes()',
    'select turns()',
    'select turns_by_setting()',
    'call commits()',
    'do $$ begin insert into items values (2); end $$',
    'do $$ begin commit; insert into items values (2); end $$',
    "do $$ begin rollback; execute 'set transaction read write'; insert into items values (2); end $$",
    'do $$ begin begin set transaction read write; exception when others then null; end; insert into items values (2); end $$',
    'set transaction read write',
    "select set_config('transaction_read_only', 'off', false)",
    'set session characteristics as transaction read write; insert into items values (2)',
    'commit',
    '; commit',
    '/* */ COMMIT AND CHAIN',
    '-- comment\rcommit',
    'begin read write',
    'start transaction read write',
    'rollback',
    'abort',
    'end',
    'savepoint s',
    "prepare transaction 'left'",
    "/**/prepare/**/transaction 'left'",
    "commit prepared 'left'",
    'create table made (id int)',
    'create temporary table temporary (id int)',
    'select 1 as a into made',
    'select * from items for update',
    "select nextval('numbers')",
    "select setval('numbers', 7)",
    'truncate items',
    'alter table items add column b int',
    'grant select on items to public',
    "comment on table items is 'x'",
    'refresh materialized view x',
    'vacuum items',
    'copy items from stdin',
    'copy items to stdout',
    "copy (select 1) to '/tmp/taskwire-copied'",
    "copy (select 1) to program 'touch /tmp/taskwire-copied'",
    'create database made',
    'discard all',
    "select set_config('transaction_read_only', null, false), setval('numbers', 7)",
    "select set_config('transaction_read_only', null, true), setval('numbers', 7)",
    "do $$ begin reset transaction_read_only; perform setval('numbers', 7); end $$",
    "do $$ begin set local transaction_read_only to default; perform setval('numbers', 7); end $$",
  ])('refuses %s', async (query) => {
    await using driver = postgres.open();
    await expect(ask(driver, query)).rejects.toMatchObject({
      code: expect.stringMatching(/^(not_allowed|several_statements|failed)$/),
    });
    expect(await contents()).toEqual(UNTOUCHED);
    expect((await ask(driver, 'select id from items')).rows).toEqual([{ id: 1 }]);
  });

  test.each([
    "select set_config('default_transaction_read_only', 'off', false)",
    'set default_transaction_read_only = off',
    'set session characteristics as transaction read write',
    'reset all',
    'select lo_create(0)',
    "select lo_from_bytea(0, 'x')",
    "notify somebody, 'hello'",
    "select pg_notify('somebody', 'hello')",
    'prepare later as insert into items values (2)',
    'lock table items in exclusive mode',
    'deallocate all',
    'close all',
    'declare c cursor with hold for select 1',
  ])('keeps nothing of %s', async (query) => {
    await using driver = postgres.open({ maxConnections: 1 });
    await ask(driver, query).catch(() => undefined);
    expect(await contents()).toEqual(UNTOUCHED);
    await expect(ask(driver, 'insert into items values (2)')).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(ask(driver, 'execute later')).rejects.toMatchObject({ engineCode: '26000' });
  });

  test.each([
    ['client_encoding', 'LATIN1', "'ü'"],
    ['DateStyle', 'German', "date '2024-12-31'"],
    ['TimeZone', 'Asia/Tokyo', "timestamptz '2024-12-31T00:00:00Z'"],
    ['IntervalStyle', 'postgres', "interval '1 day'"],
    ['bytea_output', 'escape', "bytea '\\xff'"],
  ])('refuses a change of %s, by which values would be read as others', async (name, value, expression) => {
    await using driver = postgres.open({ maxConnections: 1 });
    const expected = (await ask(driver, `select ${expression} as a`)).rows;
    for (const isLocal of [true, false]) {
      const query = `select set_config('${name}', '${value}', ${isLocal}), ${expression} as a`;
      await expect(ask(driver, query)).rejects.toMatchObject({ code: 'not_allowed' });
    }
    expect((await ask(driver, `select ${expression} as a`)).rows).toEqual(expected);
  });

  test('reads in a database whose transactions only read by default, and does not write there either', async () => {
    const { server, database } = postgres;
    await server.query(`alter role ${database} set default_transaction_read_only = on`);
    await using driver = postgres.open({ readOnly: false });
    await expect(ask(driver, 'insert into items values (2)')).rejects.toMatchObject({ code: 'not_allowed' });
    await server.query(`alter role ${database} reset all`);
  });
});

describe.skipIf(!hasPostgres())('what a statement leaves behind in PostgreSQL', () => {
  const postgres = usePostgres();

  test.each([
    ['a setting', "select set_config('work_mem', '64MB', false)", "select current_setting('work_mem') as v", '4MB'],
    [
      'a setting of its own',
      "select set_config('my.own', 'x', false)",
      "select current_setting('my.own', true) as v",
      expect.not.stringContaining('x'),
    ],
    ['a search path', 'set search_path = pg_catalog', 'show search_path', '"$user", public'],
    [
      'a time zone',
      "set time zone 'Asia/Kolkata'",
      "select '2024-01-01 00:00'::timestamptz as v",
      '2024-01-01T00:00:00Z',
    ],
    ['a role', 'set role pg_monitor', 'select current_user = session_user as v', true],
    [
      'an advisory lock',
      'select pg_advisory_lock(7)',
      "select count(*) as v from pg_locks where locktype = 'advisory'",
      0,
    ],
    [
      'a prepared statement',
      'prepare p as select 1',
      "select count(*) as v from pg_prepared_statements where name = 'p'",
      0,
    ],
    [
      'a temporary table',
      'do $$ begin create temporary table t as select 1; end $$',
      "select to_regclass('t') is null as v",
      true,
    ],
    ['a cursor', 'declare c cursor with hold for select 1', "select count(*) as v from pg_cursors where name = 'c'", 0],
    ['a channel', 'listen somebody', 'select count(*) as v from pg_listening_channels()', 0],
  ])('is not %s', async (_what, query, question, value) => {
    const { server, database } = postgres;
    await server.query(`grant pg_monitor to ${database}`);
    for (const readOnly of [true, false]) {
      await using driver = postgres.open({ maxConnections: 1, readOnly });
      const [before] = (await ask(driver, 'select pg_backend_pid() as pid')).rows;
      await ask(driver, query).catch(() => undefined);
      const [answer] = (await ask(driver, question)).rows;
      expect(Object.values(answer ?? {})).toEqual([value]);
      expect((await ask(driver, 'select pg_backend_pid() as pid')).rows).toEqual([before]);
    }
  });

  test('is not a seed', async () => {
    await using driver = postgres.open({ maxConnections: 1 });
    const numbers: unknown[] = [];
    for (let round = 0; round < 2; round += 1) {
      await ask(driver, 'select setseed(0.1)');
      numbers.push((await ask(driver, 'select random() as n')).rows[0]?.n);
    }
    expect(numbers[0]).not.toBe(numbers[1]);
  });

  test.each([
    ['named', "'other', "],
    ['without a name', ''],
  ])('is not a connection of dblink %s, made inside a function', async (_what, name) => {
    const { server, database } = postgres;
    const login = `host=127.0.0.1 port=${server.port} dbname=${database} user=${database} password=${database}`;
    await server.query(
      `create extension if not exists dblink;
       create or replace function reach() returns text language sql as $$ select dblink_connect(${name}'${login}') $$`,
      database,
    );
    await using driver = postgres.open({ maxConnections: 1 });
    expect((await ask(driver, 'select reach() as a')).rows).toEqual([{ a: 'OK' }]);
    await expect(ask(driver, `select * from dblink(${name}'select 1') t(a int)`)).rejects.toThrow(
      /not available|password is required/,
    );
    await server.query('drop extension dblink', database);
  });
});
