import { describe, expect, test } from 'vitest';
import { ask } from '../src/conformance/index.ts';
import { engineError } from '../src/drivers/thrift/engine-errors.ts';
import { SqlError } from '../src/sql-error.ts';
import { connected } from './databricks-fixture.ts';

const errorOf = (displayMessage: string, query = 'select 1', sqlState?: string) =>
  engineError(
    { statusCode: 3, displayMessage, ...(sqlState !== undefined && { sqlState }) },
    { query, text: query, positionInQuery: (position) => position },
  );

describe('errors of Databricks', () => {
  test('are in one line, without the query, the plan and the stack', () => {
    const said =
      "org.apache.hive.service.cli.HiveSQLException: Error running query: [PARSE_SYNTAX_ERROR] org.apache.spark.sql.catalyst.parser.ParseException: \n[PARSE_SYNTAX_ERROR] Syntax error at or near 'selec'. SQLSTATE: 42601 (line 1, pos 0)\n\n== SQL ==\nselec 1\n^^^\n\n\tat org.apache.spark.sql.X.run(X.scala:49)";
    expect(errorOf(said, 'selec 1')).toMatchObject({
      code: 'syntax',
      message: "[PARSE_SYNTAX_ERROR] Syntax error at or near 'selec'. (line 1, column 1)",
      position: 0,
      engineCode: '42601',
    });
  });

  test('keep the advice that comes in several lines', () => {
    const said =
      "[TABLE_OR_VIEW_NOT_FOUND] The table or view `t` cannot be found. Verify the spelling.\nIf you did not qualify the name, do so. SQLSTATE: 42P01; line 2 pos 5;\n'Project [*]\n+- 'UnresolvedRelation [t], [], false\n";
    expect(errorOf(said, 'select *\nfrom t')).toMatchObject({
      code: 'failed',
      message:
        '[TABLE_OR_VIEW_NOT_FOUND] The table or view `t` cannot be found. Verify the spelling. If you did not qualify the name, do so. (line 2, column 6)',
      position: 14,
      engineCode: '42P01',
    });
  });

  test('count characters as Databricks does', () => {
    const query = "select '🦆ü', wrong";
    expect(errorOf('[X] Nothing like wrong. SQLSTATE: 42703; line 1 pos 13', query).position).toBe(
      query.indexOf('wrong'),
    );
  });

  test.each([
    ['[INSUFFICIENT_PERMISSIONS] Insufficient privileges.', '42501', 'not_allowed'],
    ['[PARSE_EMPTY_STATEMENT] Syntax error.', undefined, 'syntax'],
    ['[DIVIDE_BY_ZERO] Division by zero. SQLSTATE: 22012', undefined, 'failed'],
    ['', undefined, 'failed'],
  ])('have a code: %s', (said, sqlState, code) => {
    expect(errorOf(said, 'select 1', sqlState)).toMatchObject({ code });
  });

  test('have no place that is not in the query', () => {
    expect(errorOf('[X] In a view. line 7 pos 3', 'select 1').position).toBeUndefined();
  });

  test.each(['direct', 'status', 'polled'] as const)(
    'say where in the query they are, before parameters were put in (%s)',
    async (errors) => {
      await using databricks = await connected({ errors });
      const query = '-- first\nselect $long_name as a, $x as b, no_such_column from range(1)';
      const asked = ask(databricks.driver, query, { parameters: { long_name: 1, x: 2 } });
      const error = (await asked.catch((thrown: unknown) => thrown)) as SqlError;
      expect(error).toBeInstanceOf(SqlError);
      expect(error).toMatchObject({ code: 'failed', engineCode: '42000', position: query.indexOf('no_such_column') });
      expect(error.message).toMatch(/no_such_column.* \(line 2, column 34\)$/);
    },
  );

  test('say where a slip of the pen is, although it is only explained', async () => {
    await using databricks = await connected();
    const query = '/* a */ selec $x';
    await expect(ask(databricks.driver, query, { parameters: { x: 1 } })).rejects.toMatchObject({
      code: 'syntax',
      position: query.indexOf('selec'),
    });
    expect((await databricks.endpoint.received('ExecuteStatement')).statement).toMatch(/^EXPLAIN /);
  });
});

describe('statements that change rows', () => {
  test('say how many, and return no rows', async () => {
    await using databricks = await connected({}, { readOnly: false });
    const { driver } = databricks;
    expect(await ask(driver, 'create table items (id int)')).toMatchObject({ columns: [], rowCount: 0 });
    for (const [statement, affectedRows] of [
      ['insert into items values (1), (2), (3)', 3],
      ['update items set id = 7 where id > 1', 2],
      ['delete from items where id = 7', 2],
      ['delete from items where id = 7', 0],
    ] as const) {
      expect(await ask(driver, statement)).toEqual({
        columns: [],
        rows: [],
        rowCount: 0,
        truncated: false,
        affectedRows,
      });
    }
    // It is a query, whatever its columns are called.
    const { rows, affectedRows } = await ask(driver, 'select 5 as num_affected_rows');
    expect([rows, affectedRows]).toEqual([[{ num_affected_rows: 5 }], undefined]);
  });

  test('are sent without a limit of rows', async () => {
    await using databricks = await connected({}, { readOnly: false });
    const { driver } = databricks;
    await ask(driver, 'create table items (id int)');
    const inserted = await ask(driver, 'insert into items select id from range(100)', { maxRows: 0 });
    expect(inserted.affectedRows).toBe(100);
  });
});

describe('a statement', () => {
  test.each([
    [true, "select 1 as a          \n, '--' as b"],
    [false, "select 1 as a /* 🦆 */ \n, '--' as b -- c"],
  ])(
    'is sent as it was checked where a connection only reads, else as it was written (readOnly: %s)',
    async (readOnly, sent) => {
      await using databricks = await connected({}, { readOnly });
      const query = "select 1 as a /* 🦆 */ \n, '--' as b -- c";
      expect((await ask(databricks.driver, query)).rows).toEqual([{ a: 1, b: '--' }]);
      expect((await databricks.endpoint.received('ExecuteStatement')).statement).toBe(sent);
    },
  );

  test('is refused with the reason', async () => {
    await using databricks = await connected();
    await expect(ask(databricks.driver, "select reflect('java.lang.System', 'gc')")).rejects.toMatchObject({
      code: 'not_allowed',
      message: 'This connection only reads: it refuses the function reflect, which can do anything',
    });
    await expect(ask(databricks.driver, 'drop table t')).rejects.toThrow(
      /^This connection only reads: it takes SELECT, /,
    );
  });

  test.each(['PUT', 'GET', 'REMOVE'])(
    'that moves files is refused where a connection writes, too: %s',
    async (word) => {
      await using databricks = await connected({}, { readOnly: false });
      await expect(ask(databricks.driver, `${word} '/Volumes/a/b/c'`)).rejects.toMatchObject({
        code: 'not_allowed',
        message: expect.stringContaining('taskwire moves none'),
      });
    },
  );
});
