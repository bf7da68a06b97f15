import { describe, expect, test } from 'vitest';
import { ask } from '../../src/conformance/index.ts';
import type { SqlParameters } from '../../src/driver.ts';
import type { ThriftOptions } from '../../src/drivers/thrift/options.ts';
import type { SqlError } from '../../src/sql-error.ts';
import { open } from './spark-fixture.ts';

async function errorOf(query: string, parameters: SqlParameters = {}, options: Partial<ThriftOptions> = {}) {
  await using driver = open(options);
  const asked = ask(driver, query, { parameters });
  return (await asked.catch((thrown: unknown) => thrown)) as SqlError;
}

describe('errors of Spark', () => {
  // `^` is where the error is.
  test.each([
    ['select 1, ^1/0', {}],
    ["select '🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉',\n  ^cast('x' as int)", {}],
    ["select '🎉', $a, ^cast($a as int), $long_name", { a: 'x', long_name: 1 }],
    ["select '🎉', $long_name,\n  $a || '🎉', ^no_such_column", { a: 'x', long_name: 1 }],
    ['select $a, $b\n  from ^no_such_table', { a: 1, b: 2 }],
    ['select $a b ^c', { a: 1 }],
    ['select ($a^', { a: 1 }],
    // Only explained.
    ['/* a */ ^selec $a', { a: 1 }],
  ])('have their place in what was asked: %s', async (marked, parameters) => {
    const query = marked.replace('^', '');
    const { position, message } = await errorOf(query, parameters as SqlParameters);
    expect(position).toBe(marked.indexOf('^'));
    expect(message).toMatch(/\(line \d, column \d+\)$/);
    expect(message).not.toMatch(/#\d|\bat [\w.]+\(|[a-z]+\.[\w.]+(?:Exception|Error)/);
  });

  test.each(['seen in line 1, pos 2 of the feed', 'my.own.ThingError: boo', '+ 1 and + 2'])(
    "have their author's words whole: %s",
    async (own) => {
      const { position, message } = await errorOf('select raise_error($own)', { own });
      expect({ position, message }).toEqual({ position: undefined, message: `[USER_RAISED_EXCEPTION] ${own}` });
    },
  );

  test('have no plan, and tell how placeholders are written', async () => {
    expect((await errorOf('select id, count(*) from range(3)')).message).toMatch(
      /OVER clauses\. \(line 1, column 1\)$/,
    );
    // It gets no value, whatever other placeholders are called.
    const unbound = await errorOf('select :x + $x', { x: 1 });
    expect(unbound.message).toMatch(/parameter: x\. .* \(line 1, column 8\)$/);
    expect((await errorOf('select :day')).message).toMatch(
      /parameter: day\. Write \$day, and give a value for it \(line 1, column 8\)$/,
    );
  });
});

test('the time limit of the server is called so', async () => {
  await using driver = open();
  const endless = ask(driver, 'select count_if(id < 0) from range(0, 1000000000000000, 1, 1)', { timeoutMs: 1000 });
  await expect(endless).rejects.toThrow('The server stopped the statement: its time limit was reached');
});

test('what keeps us from Spark names the setting', async () => {
  expect(await errorOf('select 1', {}, { httpPath: '/wrong' })).toMatchObject({
    fault: 'not_found',
    message: expect.stringMatching(/ has no \/wrong: http_path must be the server's hive\.server2\.thrift\.http\.path/),
  });
  expect(await errorOf('select 1', {}, { schema: 'nowhere' })).toMatchObject({
    fault: 'not_found',
    message: expect.stringMatching(/^The schema or catalog of this connection: \[SCHEMA_NOT_FOUND\]/),
  });
  expect(await errorOf('select 1', {}, { tls: false })).toMatchObject({
    message: expect.stringContaining('speaks TLS'),
  });
});
