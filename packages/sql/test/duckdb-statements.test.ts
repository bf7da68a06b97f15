import { describe, expect, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import { openDriver } from '../src/index.ts';

const open = () => openDriver({ driver: 'duckdb', dataDirectory: '/nonexistent', memoryLimitMb: 256, threads: 2 });

describe('statements that DuckDB may run', () => {
  test.each([
    ['values (1), (2)', [{ col0: 1 }, { col0: 2 }]],
    ['from range(2)', [{ range: 0 }, { range: 1 }]],
    ['with a as (select 1 as b) from a', [{ b: 1 }]],
    [
      'with recursive a(n) as (select 1 union all select n + 1 from a where n < 3) from a',
      [{ n: 1 }, { n: 2 }, { n: 3 }],
    ],
    ['(select 1 as a) union all (select 2) order by 1 desc', [{ a: 2 }, { a: 1 }]],
    ['select 1 as a limit 0', []],
    ['select 1e400 as a', [{ a: 'Infinity' }]],
    ['show tables', []],
    ['pivot (values (1, 2), (1, 3)) t(a, b) on a in (1, 9) using sum(b)', [{ 1: 5, 9: null }]],
    [
      'unpivot (select 1 as a, 2 as b) on a, b',
      [
        { name: 'a', value: 1 },
        { name: 'b', value: 2 },
      ],
    ],
  ])('runs %s', async (query, rows) => {
    await using driver = await open();
    expect((await ask(driver, query)).rows).toEqual(rows);
  });

  test('describes a query', async () => {
    await using driver = await open();
    const { rows } = await ask(driver, "describe select 1 as a, {'b': 1.5} as c");
    expect(rows.map((row) => [row.column_name, row.column_type])).toEqual([
      ['a', 'INTEGER'],
      ['c', 'STRUCT(b DECIMAL(2,1))'],
    ]);
  });

  test('summarizes a query', async () => {
    await using driver = await open();
    const { rows } = await ask(driver, 'summarize from range(10)');
    expect(rows).toMatchObject([{ column_name: 'range', min: '0', max: '9', count: 10 }]);
  });

  test.each([
    'explain select 42',
    '-- why\nexplain /* */ select 42',
    'EXPLAIN ANALYZE select 42;',
    'explain (format json) select 42',
  ])('explains: %s', async (query) => {
    await using driver = await open();
    const { columns, rows } = await ask(driver, query);
    expect(columns.map(({ name }) => name)).toEqual(['explain_key', 'explain_value']);
    expect(rows).toHaveLength(1);
  });

  test.each<[string, unknown[]]>([
    ['pivot (select 1 as a, 2 as b) on a using sum(b)', [{ 1: 2 }]],
    ["from (pivot (values ('x', 2), ('y', 3)) t(a, b) on a using sum(b))", [{ x: 2, y: 3 }]],
    ['-- c\nwith t as (select 7 as a, 2 as b) pivot t on a using sum(b);', [{ 7: 2 }]],
    ['(pivot (select 1 as a, 2 as b) on a using sum(b))', [{ 1: 2 }]],
    ['describe pivot (select 1 as a, 2 as b) on a using sum(b)', [{ column_name: '1', column_type: 'HUGEINT' }]],
    ['pragma version', [{ library_version: expect.any(String), source_id: expect.any(String) }]],
    ['pragma show_tables;', []],
    ['pragma database_list', [{ name: 'memory' }]],
    ['from duckdb_constraints()', []],
    ['from duckdb_extensions() limit 0', []],
    ['from pragma_platform()', [{ platform: expect.any(String) }]],
  ])('runs what only reads, although its parser shows no tree: %s', async (query, rows) => {
    await using driver = await open();
    expect((await ask(driver, query)).rows).toMatchObject(rows);
    expect((await ask(driver, 'show tables')).rows).toEqual([]);
  });

  test.each([
    ['pivot (from enable_logging()) on a', 'enable_logging is not allowed'],
    ["pragma version; copy (select 1) to 'x.csv'", 'several'],
    ["pivot (select 1 as a) on a; copy (select 1) to 'x.csv'", 'statements'],
    ['explain analyze insert into t values (1)', 'EXPLAIN is not allowed'],
    ["explain copy (select 1) to 'x.csv'", 'EXPLAIN is not allowed'],
    ['explain analyze pivot (select 1 as a) on a', 'EXPLAIN is not allowed'],
    ['explain create table t (a int)', 'EXPLAIN is not allowed'],
    ['with a as (select 1) insert into t from a', 'WITH is not allowed'],
  ])('does not run what only looks like that: %s', async (query, message) => {
    await using driver = await open();
    await expect(ask(driver, query)).rejects.toMatchObject({
      code: expect.stringMatching(/^(not_allowed|several_statements)$/),
      message: expect.stringContaining(message === 'several' ? 'statements' : message),
    });
  });

  test('takes many semicolons without taking long', async () => {
    await using driver = await open();
    expect((await ask(driver, `select 1 as a${' ;'.repeat(100_000)}`)).rows).toEqual([{ a: 1 }]);
  });

  test('says where an error is, in line and column', async () => {
    await using driver = await open();
    const query = " ;\nselect 'ü🦆',\n       cast('x1' as integer)";
    await expect(ask(driver, query)).rejects.toMatchObject({
      code: 'failed',
      message: "Could not convert string 'x1' to INT32 (line 3, column 8)",
      position: query.indexOf('cast'),
    });
  });
});

describe('parameters of DuckDB', () => {
  test('binds whole numbers as integers', async () => {
    await using driver = await open();
    const { columns, rows } = await ask(driver, 'select ? as a, ? as b, $3 as c', { parameters: [7, 2 ** 40, 1.5] });
    expect(columns.map(({ type }) => type)).toEqual(['INTEGER', 'BIGINT', 'DOUBLE']);
    expect(rows).toEqual([{ a: 7, b: 2 ** 40, c: 1.5 }]);
  });

  test('limits by a parameter', async () => {
    await using driver = await open();
    const { rows } = await ask(driver, 'from range(9) limit ? offset ?', { parameters: [2, 3] });
    expect(rows).toEqual([{ range: 3 }, { range: 4 }]);
  });

  test('compares an integer beyond 2^53 that comes as a string', async () => {
    await using driver = await open();
    const query = 'select count(*) as c from (values (9007199254740992), (9007199254740993)) t(id) where id = $id';
    expect((await ask(driver, query, { parameters: { id: '9007199254740993' } })).rows).toEqual([{ c: 1 }]);
  });

  test('takes $1 and ? for the same list', async () => {
    await using driver = await open();
    expect((await ask(driver, 'select $2 as b, $1 as a', { parameters: ['x', 'y'] })).rows).toEqual([
      { b: 'y', a: 'x' },
    ]);
  });

  test('binds a text with a NUL', async () => {
    await using driver = await open();
    const { rows } = await ask(driver, 'select ? as a, length(?) as b', { parameters: ['a\0b', 'a\0b'] });
    expect(rows).toEqual([{ a: 'a\0b', b: 3 }]);
  });

  test('explains with parameters', async () => {
    await using driver = await open();
    expect((await ask(driver, 'explain select $a', { parameters: { a: 1 } })).rows).toHaveLength(1);
  });
});
