import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type StatementKind, statementIn } from '../src/drivers/thrift/statement-kind.ts';

const textOf = (text: string) => statementIn(text, { substitutes: true }).text;
const kindOf = (text: string, substitutes = true) => statementIn(text, { substitutes }).kind;

describe('statements that only read', () => {
  test.each<[kind: StatementKind, text: string]>([
    ['query', 'select 1'],
    ['query', '-- comment\n/* another */ SeLeCt 1 ; ;'],
    ['query', 'values (1, \'insert into t\'), (2, "drop")'],
    ['query', 'table t'],
    ['query', "select /*+ BROADCAST(t) */ '/*+' from t"],
    ['query', "with a as (select /*+ REPARTITION(3, c) */ 1, '/*+ $$ {') select * from a"],
    ['query', 'with a as (select $x) select * from a where b = ?'],
    ['query', '((select 1) union (select 2))'],
    ['query', 'with a as (select 1) select * from a'],
    ['query', 'with a (select 1) select * from a'],
    ['query', 'with a (x, y) as (select 1, 2), `b` as (select 2) select * from a, b'],
    ['query', 'with recursive a (n) max recursion level 5 as (select 1) select * from a'],
    ['query', 'with recursive as (select 1) select * from recursive'],
    ['query', 'with insert as (select 1) select * from insert'],
    ['query', 'with a as (select 1) (select * from a)'],
    ['query', 'with a as (select 1) from a select *'],
    ['query', 'from t select update, t.delete, 1 as merge'],
    ['query', 'from t select `insert`'],
    ['query', 'from t |> where a > 1 |> select a'],
    ['query', 'select update, delete, insert, overwrite from drop where create > 1'],
    ['query', 'select transform(a, x -> x + 1) from t join u using (id)'],
    ['query', "select replace(a, 'x', 'y'), `insert into t` from t"],
    ['query', "select 'it\\'s; drop table t'"],
    ['query', "select r'c:\\', ';'"],
    ['showing', 'show tables in s'],
    ['showing', 'describe history t'],
    ['showing', 'DESC t'],
    ['showing', "list 's3://bucket'"],
    ['showing', 'explain formatted select 1'],
    ['showing', 'explain select 1'],
    ['showing', 'explain insert into t values (1)'],
    ['showing', 'explain extended merge into t using `u` on true when matched then delete'],
    ['query', '/* not a hint: /*+ X */ select 1'],
    ['query', "select /*+ X(`a b`, '*/ (') */ /*+ Y */ 1"],
    ['query', 'from x |> select a as last_insert'],
    ['query', 'from (select insert from t) select *'],
    ['query', 'with 1a as (select 1) select * from 1a'],
    ['query', 'with a as (select 1) (select * from a) union select 2'],
    ['query', 'with a as (select 1) (select * from a) |> limit 1'],
    ['query', "select identifier('a') from identifier('t') where using"],
    ['query', 'select reflect, java_method from http_request'],
  ])('%s: %s', (kind, text) => {
    expect(kindOf(text)).toBe(kind);
  });
});

describe('statements that do more', () => {
  test.each([
    'with a as (select 1) insert into t select * from a',
    'with a as (select 1) insert overwrite t select * from a',
    'with a as (select 1), b as (select 2) merge into t using a on true when matched then delete',
    'with a as (select 1) delete from t where id in (select * from a)',
    'with a as (select 1) update t set b = 1',
    'with `)` as (select 1) insert into t select 1',
    'with a as (select 1) with b as (select 1) insert into t select 1',
    'from u insert into t select a',
    'from u insert overwrite table t select a insert into v select b',
    'with a as (select 1) from a insert into t select *',
    'from t insert select a',
    'FROM t INSERT WITH SCHEMA EVOLUTION INTO u SELECT a',
    'FROM t WHERE a = 1e+5INSERT INTO u SELECT a',
    'from t ınsert into u select a',
    'with recursive as (a) (select 1) insert into u select a',
    'with recursive as (a) (select 1) from t insert into u select a',
    'with a as (select 1) (select 1) insert into u select a',
    'from (from t map 1e+5USING "cat") select *',
    'select transform(a) using ? as b from t',
    'select transform(a) using :taskwire_1 as b from t',
    'select transform(a) uſing $x as b from t',
    "values (reflect('java.lang.System', 'exit', 0))",
    "select system.builtin.`reflect`('java.lang.System', 'gc')",
    "select java_method('java.lang.System', 'gc'), try_reflect('a', 'b')",
    "select identifier('ref' || 'lect')('java.lang.System', 'gc')",
    "select http_request(conn => 'c', method => 'DELETE')",
    "describe select reflect('java.lang.System', 'gc')",
    "explain execute immediate 'drop table t'",
    'explain drop table t',
    'explain explain call p()',
    'l: begin select 1; drop table t; end',
    'select 1 /*+ X */',
    'with /*+ X */ a as (select 1) select 1',
    "select r'a''b'",
    "select 1r'a'",
    'select a\u200b',
    'select $$a$$',
    'explain extended with a as (select 1) insert into t select 1',
    'create table t as select 1',
    'create or replace function f() returns int return 1',
    'drop table t',
    'truncate table t',
    'alter table t add column a int',
    'optimize t',
    'vacuum t',
    "copy into t from 's3://bucket' fileformat = csv",
    'set spark.sql.ansi.enabled = false',
    'use catalog other',
    'call p()',
    "execute immediate 'drop table t'",
    'begin drop table t; end',
    'declare variable x int',
    'grant select on t to u',
    'cache table t',
    "select transform(a) using '/bin/sh' from t",
    "from (from t map a using 'cat') select *",
    "add jar '/tmp/x.jar'",
    // What Spark reads otherwise than it looks: hints with strings and comments in them, comments that go on or end early.
    "with a as (select /*+ X('*/ (') */ 1) insert into t select 1 --')) select 1",
    'with a as (select /*+ X -- */ (\n */ 1) insert into t select 1 -- \\\n)) select 1',
    'with a as (select 1) /* /*+ */ insert into t -- */\n select 1',
    'with a as (select 1 -- \\\n (\n) insert into t select 1 -- \\\n ) select 1',
    'with a as (select 1) -- \r insert into t\n select 1',
    'with a as (select $$ ( $$) insert into t select 1 -- ) select 1',
    'with a as (select x$$ ( $$) insert into t select 1 -- ) select 1',
    'with a as (select 1) $' + '{system:file.separator}* select 1 */ insert into t select 1',
    "with a as (select '$" + "{x}') select 1",
    'from u -- \r insert into t\n select 1',
  ])('%s', (text) => {
    expect(kindOf(text)).toBe('writing');
  });

  test.each([
    'insert into t values (1)',
    'update t set a = 1',
    'delete from t',
    'merge into t using `u` on t.a = u.a when matched then delete',
  ])('changing: %s', (text) => {
    expect(kindOf(text)).toBe('changing');
  });

  test.each(["put '/etc/passwd' into '/Volumes/a/b/c'", "get '/Volumes/a/b/c' to 'x'", "/**/ remove '/Volumes/a'"])(
    'moving: %s',
    (text) => {
      expect(kindOf(text)).toBe('moving');
    },
  );

  test('a text in which the server replaces something, if it does', () => {
    const text = `select '${'$'}{env:HOME}'`;
    expect([kindOf(text, true), kindOf(text, false)]).toEqual(['writing', 'query']);
  });

  test.each([
    'select 1; drop table t',
    'select 1; -- comment\n drop table t',
    "select ';'; select 2",
    'insert into t;x',
  ])('several statements: %s', (text) => {
    expect(kindOf(text)).toBe('several');
  });

  test.each(['selec 1', 'foo', '1', ')', 'explode t', '"select 1"', ')select 1('])('unknown words: %s', (text) => {
    expect(kindOf(text)).toBe('unknown');
  });

  test.each(['', ' \n', '-- nothing', ';', '/* ; */ ; --'])('nothing: %j', (text) => {
    expect(kindOf(text)).toBe('empty');
  });
});

test('cuts off the semicolon, and what comes then', () => {
  expect(textOf('select 1 -- a;\n ; -- b')).toBe('select 1 -- a;\n ');
  expect(textOf('begin select 1; end;')).toBe('begin select 1; end;');
});

test.each([
  ["/* 'a' */ select\t1 -- b\r\n, '--' -- \\\n c\n", "          select 1     \r\n, '--'"],
  ['select /*+ X /* y */ */ 1', 'select /*+ X         */ 1'],
  ["select 1 /* /*+ */ , '*/'", "select 1           , '*/'"],
  [`-- ${'$'}{a}\n select 1;`, '       \n select 1'],
])('has blanks for comments: %j', (text, plainText) => {
  expect(statementIn(text, { substitutes: true })).toMatchObject({ kind: 'query', plainText });
});

describe('whatever stands around them', () => {
  const blank = fc.constantFrom(' ', '\n', '/* ; select */', '-- (\n', '\t/* /* nested */ insert */ ');
  const quoted = fc
    .string({ maxLength: 20 })
    .chain((text) =>
      fc.constantFrom(
        `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
        `"${text.replaceAll('\\', '\\\\').replaceAll('"', '""')}"`,
        `\`${text.replaceAll('`', '``')}\``,
      ),
    )
    // Spark replaces such words before it reads anything: behind WITH and FROM they are refused, also within quotes.
    .filter((text) => !text.includes('${') && !text.includes('$$'));
  const keyWord = fc.constantFrom('insert', 'UPDATE', 'delete', 'merge', 'drop', 'create', 'into', 'set', 'call');
  const item = fc.oneof(quoted, keyWord, fc.nat().map(String));
  const query = fc
    .tuple(fc.array(item, { minLength: 1, maxLength: 4 }), fc.array(blank, { minLength: 4, maxLength: 4 }))
    .map(([items, [a, b, c, d]]) => `${a}select${b}${items.join(`,${c}`)}${d} from t`);
  const writing = fc.constantFrom(
    'insert into t select 1',
    'INSERT OVERWRITE t select 1',
    'delete from t',
    'update t set a = 1',
    'merge into t using u on true when matched then delete',
  );

  test('columns, strings, identifiers and comments raise no false alarm', () => {
    fc.assert(
      fc.property(query, (text) => {
        expect(kindOf(text)).toBe('query');
      }),
    );
  });

  test('no common table hides a statement that writes', () => {
    const named = fc.oneof(
      keyWord,
      quoted.filter((text) => text.startsWith('`')),
      fc.constantFrom('a', '_b'),
    );
    const table = fc.tuple(named, fc.boolean(), fc.boolean(), query).map(([name, hasColumns, hasAs, body]) => {
      return `${name}${hasColumns ? '(x, y)' : ''} ${hasAs ? 'as' : ''}(${body}\n)`;
    });
    fc.assert(
      fc.property(fc.array(table, { minLength: 1, maxLength: 3 }), writing, blank, (tables, statement, space) => {
        expect(kindOf(`with ${tables.join(`,${space}`)} ${statement}`)).toBe('writing');
        expect(kindOf(`with ${tables.join(`,${space}`)} select * from t`)).toBe('query');
      }),
    );
  });

  test('no text in front makes two statements one', () => {
    fc.assert(
      fc.property(query, writing, blank, (first, second, space) => {
        expect(kindOf(`${first}${space};${space}${second}`)).toBe('several');
      }),
    );
  });

  test('every text has some kind', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(kindOf(text)).toBeTypeOf('string');
      }),
    );
  });
});
