import { expect, test } from 'vitest';
import { ask } from '../../src/conformance/index.ts';
import { open } from './spark-fixture.ts';

test.each<[statement: string, question: string, answer: unknown]>([
  ['use system.builtin', 'select current_schema()', 'default'],
  ["set time zone '+09:00'", "select timestamp'2024-01-02 03:04:05Z'", '2024-01-02T03:04:05Z'],
  ['set spark.sql.ansi.enabled = false', "select try_cast('x' as int) is null and 1 = 1", true],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: Spark's own way of writing it
  ['set spark.sql.variable.substitute = true', "select '${env:HOME}'", '${env:HOME}'],
  ['create temporary view left_over as select 1', 'show tables', undefined],
  ['declare variable left_over int default 1', 'select 1', 1],
  ["create temporary function left_over as 'org.apache.hadoop.hive.ql.udf.UDFSign'", 'select 1', 1],
])('what a statement leaves in its session is not there for the next one: %s', async (statement, question, answer) => {
  await using driver = open({ readOnly: false, maxSessions: 1 });
  // Some of them this server refuses; then too nothing may be left.
  await ask(driver, statement).catch(() => undefined);
  const { rows } = await ask(driver, question);
  expect(Object.values(rows[0] ?? {})[0]).toEqual(answer);
  await expect(ask(driver, 'select left_over')).rejects.toMatchObject({ engineCode: '42703' });
  await expect(ask(driver, 'select left_over(1)')).rejects.toMatchObject({ engineCode: '42883' });
  await expect(ask(driver, "select cast('x' as int)")).rejects.toMatchObject({ engineCode: '22018' });
});

test('settings are those of each session', async () => {
  const settings = { 'spark.sql.shuffle.partitions': '3', 'spark.sql.legacy.timeParserPolicy': 'LEGACY' };
  await using driver = open({ readOnly: false, settings });
  const { rows } = await ask(driver, 'set spark.sql.shuffle.partitions');
  expect(rows).toEqual([{ key: 'spark.sql.shuffle.partitions', value: '3' }]);
});

test.each([
  [
    'spark.sql.ansi.enable',
    'true',
    'Spark has no setting spark.sql.ansi.enable; did you mean "spark.sql.ansi.enabled"?',
  ],
  ['spark.sql.no.such', '1', 'Spark has no setting spark.sql.no.such'],
  ['spark.sql.ansi.enabled--', 'true', 'The setting "spark.sql.ansi.enabled--" is no name of a setting'],
  ['spark.sql.shuffle.partitions', 'many', expect.stringContaining('spark.sql.shuffle.partitions')],
  ['spark.executor.memory', '1g', expect.stringContaining('spark.executor.memory')],
])('a setting that Spark does not take is an error: %s', async (name, value, message) => {
  await using driver = open({ settings: { [name]: value } });
  await expect(ask(driver, 'select 1')).rejects.toMatchObject({ code: 'connection', message });
});

test('the types of timestamps are known for EXECUTE IMMEDIATE, too; what a script returns has no zone', async () => {
  await using driver = open({ readOnly: false });
  const select = 'select timestamp_ntz"2024-01-02 03:04:05" as a, timestamp"2024-01-02 03:04:05" as b';
  const known = await ask(driver, `execute immediate '${select}'`);
  expect(known.columns.map(({ type }) => type)).toEqual(['TIMESTAMP_NTZ', 'TIMESTAMP']);
  expect(known.rows).toEqual([{ a: '2024-01-02T03:04:05', b: '2024-01-02T03:04:05Z' }]);
  const script = await ask(driver, `begin ${select}; end`);
  expect(script.rows).toEqual([{ a: '2024-01-02T03:04:05', b: '2024-01-02T03:04:05' }]);
});

test.each([
  ['array(\'a","b\')', '["a","b"]'],
  ["array('1', null)", '["1",null]'],
  ["map(1, 'one')", '{1:"one"}'],
  ["named_struct('a', 'x\"y', 'b', timestamp'2024-01-02 03:04:05')", '{"a":"x"y","b":2024-01-02 03:04:05}'],
  ['to_json(array(\'a","b\'))', '["a\\",\\"b"]'],
])('a nested value is the text of Spark: %s', async (expression, text) => {
  await using driver = open();
  expect((await ask(driver, `select ${expression} as v`)).rows).toEqual([{ v: text }]);
});

test.each(["execute immediate 'select ''x'' as Result'", "begin select 'x' as Result; end"])(
  'a row is a row, whatever its column is called: %s',
  async (query) => {
    await using driver = open({ readOnly: false });
    expect((await ask(driver, query)).rows).toEqual([{ Result: 'x' }]);
  },
);

test('a query for few rows of many does not gather them all', async () => {
  await using driver = open();
  const many = "select id, repeat('x', 100) as s from range(30000000) order by id";
  expect((await ask(driver, many, { maxRows: 2 })).rows.map(({ id }) => id)).toEqual([0, 1]);
  await expect(ask(driver, 'select 1 as a,\n  nope')).rejects.toMatchObject({ position: 17 });
});

test.each(['select * from text.`/etc/hostname`', 'select * from identifier($file)'])(
  'a connection that only reads does not read files of the server: %s',
  async (query) => {
    await using driver = open();
    const parameters = query.includes('$') ? { file: 'text.`/etc/hostname`' } : [];
    await expect(ask(driver, query, { parameters })).rejects.toMatchObject({ engineCode: '42P01' });
  },
);

test('a schema is a name, whatever is in it', async () => {
  await using driver = open({ schema: "identifier('default')" });
  await expect(ask(driver, 'select 1')).rejects.toMatchObject({ code: 'connection', fault: 'not_found' });
});

test.each([
  [{ catalog: 'spark_catalog', schema: 'default' }, 'spark_catalog', 'default'],
  [{ catalog: 'spark_catalog' }, 'spark_catalog', 'default'],
  [{ schema: '`default`' }, 'spark_catalog', 'default'],
])('a statement names catalog and schema: %j', async (where, c, s) => {
  await using driver = open({ maxSessions: 1 });
  const query = 'select current_catalog() as c, current_schema() as s';
  expect((await ask(driver, query, where)).rows).toEqual([{ c, s }]);
  expect((await ask(driver, query)).rows).toEqual([{ c: 'spark_catalog', s: 'default' }]);
});

test.each([
  { schema: 'no_such' },
  { catalog: 'no_such' },
  { schema: '`default` --' },
  { schema: "identifier('default')" },
])('what a statement names in vain is its own error: %j', async (where) => {
  await using driver = open();
  await expect(ask(driver, 'select 1', where)).rejects.toMatchObject({ code: 'failed' });
  expect((await ask(driver, 'select 1 as a')).rows).toEqual([{ a: 1 }]);
});
