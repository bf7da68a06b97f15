import type { JsonValue } from '@taskwire/protocol';
import { hasPostgres } from '@taskwire/testing/postgres';
import { beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import { usePostgres } from './postgres-fixture.ts';

describe.skipIf(!hasPostgres())('values of PostgreSQL', () => {
  const postgres = usePostgres();
  beforeAll(async () => {
    await postgres.server.query(
      `create type mood as enum ('fine', 'so "so"');
       create type point3 as (x int, "Y z" numeric(5,2), label text);
       create type nested as (id bigint, point point3, points point3[]);
       create domain small as int check (value < 10);
       create domain few as small[];
       create type with_few as (x few, y int);
       create schema other; create type other.hstore as enum ('a'); grant usage on schema other to public;
       create type odd as ("__proto__" int);
       create table animals (id int, name text);
       create extension hstore; create extension citext;
       set lc_monetary = 'C'`,
      postgres.database,
    );
  });

  test.each<[expression: string, type: string, json: JsonValue]>([
    ['1::smallint', 'smallint', 1],
    ['4294967295::oid', 'oid', 4294967295],
    ["'NaN'::numeric", 'numeric', 'NaN'],
    ["'Infinity'::numeric", 'numeric', 'Infinity'],
    ["'-Infinity'::numeric", 'numeric', '-Infinity'],
    ['1.10::numeric(10,2)', 'numeric(10,2)', '1.10'],
    ['1e-20::numeric', 'numeric', '0.00000000000000000001'],
    ['0.1::real', 'real', 0.1],
    ["'NaN'::real", 'real', 'NaN'],
    ["'-0'::double precision", 'double precision', 0],
    ['1e300::double precision', 'double precision', 1e300],
    ["'ab'::varchar(20)", 'character varying(20)', 'ab'],
    ["'ab'::char(4)", 'character(4)', 'ab  '],
    ["'a'::name", 'name', 'a'],
    ["'\\x00ff'::bytea", 'bytea', 'AP8='],
    ["'0044-03-15 BC'::date", 'date', '-000043-03-15'],
    ["'0001-01-01 BC'::date", 'date', '0000-01-01'],
    ["'5874897-12-31'::date", 'date', '+5874897-12-31'],
    ["'infinity'::date", 'date', 'infinity'],
    ["'-infinity'::timestamp", 'timestamp without time zone', '-infinity'],
    ["'infinity'::timestamptz", 'timestamp with time zone', 'infinity'],
    ["'0044-03-15 12:00:00.5 BC'::timestamp", 'timestamp without time zone', '-000043-03-15T12:00:00.5'],
    ["'294276-12-31 23:59:59.999999'::timestamp", 'timestamp without time zone', '+294276-12-31T23:59:59.999999'],
    ["'2024-01-02 03:04:05.120'::timestamp(3)", 'timestamp(3) without time zone', '2024-01-02T03:04:05.12'],
    ["'2024-01-02 03:04:05+05:30'::timestamptz", 'timestamp with time zone', '2024-01-01T21:34:05Z'],
    ["'0044-03-15 12:00:00+00 BC'::timestamptz", 'timestamp with time zone', '-000043-03-15T12:00:00Z'],
    ["'24:00:00'::time", 'time without time zone', '24:00:00'],
    ["'23:59:59.5'::time", 'time without time zone', '23:59:59.5'],
    ["'12:34:56.789+05:30'::timetz", 'time with time zone', '12:34:56.789+05:30'],
    ["'12:34:56-02'::timetz", 'time with time zone', '12:34:56-02:00'],
    ["'12:34:56+00'::timetz", 'time with time zone', '12:34:56Z'],
    ["interval '14 months -3 days 04:05:06.789'", 'interval', 'P1Y2M-3DT4H5M6.789S'],
    ["interval '0'", 'interval', 'PT0S'],
    ["interval '-1 hour'", 'interval', 'PT-1H'],
    ["'8F14E45F-CEEA-467F-9B3C-1B3E4A1D2C3B'::uuid", 'uuid', '8f14e45f-ceea-467f-9b3c-1b3e4a1d2c3b'],
    [
      '\'{"a": 12345678901234567890, "b": [1, 1.50, "1"]}\'::json',
      'json',
      { a: '12345678901234567890', b: [1, 1.5, '1'] },
    ],
    ['\'{"a": 12345678901234567890, "b": null}\'::jsonb', 'jsonb', { a: '12345678901234567890', b: null }],
    ["'null'::jsonb", 'jsonb', null],
    ['\'so "so"\'::mood', 'mood', 'so "so"'],
    ['7::small', 'integer', 7],
    ['array[1,2]::few', 'small[]', [1, 2]],
    ['array[1, null, 3]', 'integer[]', [1, null, 3]],
    ["'{}'::int[]", 'integer[]', []],
    ["'[0:1]={1,2}'::int[]", 'integer[]', [1, 2]],
    [
      'array[[1,2],[3,null]]',
      'integer[]',
      [
        [1, 2],
        [3, null],
      ],
    ],
    [
      "array['a,b', '{}', '\"', '\\', '', ' ', 'NULL', null, '🦆']",
      'text[]',
      ['a,b', '{}', '"', '\\', '', ' ', 'NULL', null, '🦆'],
    ],
    ["array[1.10, 'NaN']::numeric(5,2)[]", 'numeric(5,2)[]', ['1.10', 'NaN']],
    ["array['2024-01-02', 'infinity']::date[]", 'date[]', ['2024-01-02', 'infinity']],
    ["array['2024-01-02 03:04:05']::timestamptz[]", 'timestamp with time zone[]', ['2024-01-02T03:04:05Z']],
    ["array['\\x00ff']::bytea[]", 'bytea[]', ['AP8=']],
    ['array[\'{"a": 1}\']::jsonb[]', 'jsonb[]', [{ a: 1 }]],
    ["array['(1,1),(0,0)', '(2,2),(1,1)']::box[]", 'box[]', '{(1,1),(0,0);(2,2),(1,1)}'],
    ["'1 2'::int2vector", 'int2vector', '1 2'],
    ['row(1, 1.5, \'a "b", (c)\\\')::point3', 'point3', { x: 1, 'Y z': '1.50', label: 'a "b", (c)\\' }],
    ["row(null, null, '')::point3", 'point3', { x: null, 'Y z': null, label: '' }],
    [
      "row(9007199254740993, row(1, 2, 'x'), array[row(1, null, 'a,b')::point3, null])::nested",
      'nested',
      {
        id: '9007199254740993',
        point: { x: 1, 'Y z': '2.00', label: 'x' },
        points: [{ x: 1, 'Y z': null, label: 'a,b' }, null],
      },
    ],
    ["row('{1,2}', 3)::with_few", 'with_few', { x: [1, 2], y: 3 }],
    ["array[row('{1,2}', 3)::with_few]", 'with_few[]', [{ x: [1, 2], y: 3 }]],
    ["'a'::other.hstore", 'other.hstore', 'a'],
    ['row(null)', 'record', [null]],
    ["row(1, 'x', null, '')", 'record', ['1', 'x', null, '']],
    ["array[row(1, 'x'), null]", 'record[]', [['1', 'x'], null]],
    ["row(1, 'rex')::animals", 'animals', { id: 1, name: 'rex' }],
    [
      '\'a=>1, "b \\" c"=>NULL, __proto__=>"x, y"\'::hstore',
      'hstore',
      JSON.parse('{"a":"1","b \\" c":null,"__proto__":"x, y"}'),
    ],
    ["''::hstore", 'hstore', {}],
    ["'Ab'::citext", 'citext', 'Ab'],
    ['int4range(1, 10)', 'int4range', '[1,10)'],
    ["'{[1,3),[5,7)}'::int4multirange", 'int4multirange', '{[1,3),[5,7)}'],
    ["'10.0.0.1/8'::inet", 'inet', '10.0.0.1/8'],
    ["'10.0.0.0/8'::cidr", 'cidr', '10.0.0.0/8'],
    ['12.5::money', 'money', '$12.50'],
    ["b'0101'::bit(4)", 'bit(4)', '0101'],
    ["'a fat cat'::tsvector", 'tsvector', "'a' 'cat' 'fat'"],
    ["'(1,2)'::point", 'point', '(1,2)'],
    ["'<a/>'::xml", 'xml', '<a/>'],
    ["'a'", 'text', 'a'],
    ['null', 'text', null],
  ])('writes %s', async (expression, type, json) => {
    await using driver = postgres.open();
    const { columns, rows } = await ask(driver, `select ${expression} as v`);
    expect(columns).toMatchObject([{ name: 'v', type }]);
    expect(JSON.stringify(rows)).toBe(JSON.stringify([{ v: json }]));
  });

  test('keeps a field called __proto__', async () => {
    await using driver = postgres.open();
    const { rows } = await ask(driver, 'select row(1)::odd as v');
    expect(JSON.stringify(rows)).toBe('[{"v":{"__proto__":1}}]');
  });

  test('sees a field that was added to a type since the last query', async () => {
    await using driver = postgres.open();
    const { server, database } = postgres;
    await server.query('create type growing as (a int)', database);
    expect((await ask(driver, 'select row(1)::growing as v')).rows).toEqual([{ v: { a: 1 } }]);
    await server.query('alter type growing add attribute b numeric', database);
    expect((await ask(driver, 'select row(1, 2)::growing as v')).rows).toEqual([{ v: { a: 1, b: '2' } }]);
  });

  test('writes something for every column of the catalog', async () => {
    await using driver = postgres.open();
    for (const table of ['pg_type', 'pg_class', 'pg_statistic_ext', 'pg_stats', 'pg_index', 'pg_proc', 'pg_settings']) {
      const { rows } = await ask(driver, `select * from ${table}`, { maxRows: 500 });
      expect(JSON.parse(JSON.stringify(rows))).toEqual(rows);
    }
  });

  test.each([
    ['a setting of the database', 'database'],
    ['a setting of the role', 'role'],
  ])('writes dates and numbers alike, whatever is %s', async (_what, kind) => {
    const { server, database } = postgres;
    const settings = ['DateStyle = German', 'IntervalStyle = postgres_verbose', 'TimeZone = "Asia/Kolkata"'].concat([
      'bytea_output = escape',
      'extra_float_digits = 0',
      'standard_conforming_strings = off',
    ]);
    for (const setting of settings) await server.query(`alter ${kind} ${database} set ${setting}`);
    await using driver = postgres.open();
    const { rows } = await ask(
      driver,
      `select date '2024-01-02' as d, interval '1 day' as i, '2024-01-02 00:00+00'::timestamptz as t, '\\x00'::bytea as b,
        0.1::float8 + 0.2 as f, 'a\\b' as s`,
    );
    expect(rows).toEqual([
      { d: '2024-01-02', i: 'P1D', t: '2024-01-02T00:00:00Z', b: 'AA==', f: 0.30000000000000004, s: 'a\\b' },
    ]);
    await server.query(`alter ${kind} ${database} reset all`);
  });
});
