import { describe, expect, test } from 'vitest';
import { engineError } from './engine-errors.ts';

const PREFIX = 'org.apache.hive.service.cli.HiveSQLException: Error running query: ';
const STACK =
  '\n\tat org.apache.spark.sql.hive.thriftserver.HiveThriftServerErrors$.runningQueryError(HiveThriftServerErrors.scala:43)';

/** As a Thrift server of Spark says it. */
function errorOf(said: string, text: string, sqlState?: string) {
  return engineError(
    { statusCode: 0, errorMessage: `${PREFIX}${said}${STACK}`, ...(sqlState !== undefined && { sqlState }) } as never,
    { query: text, text, positionInQuery: (position) => position },
  );
}

const DIVIDED =
  '[DIVIDE_BY_ZERO] org.apache.spark.SparkArithmeticException: [DIVIDE_BY_ZERO] Division by zero. SQLSTATE: 22012';

describe('the place of an error', () => {
  test.each([
    ['select 1/0', '== SQL (line 1, position 8) ==\nselect 1/0\n       ^^^\n', '1/0'],
    ['select 1,\n  2/0', '== SQL (line 2, position 3) ==\n  2/0\n  ^^^\n', '2/0'],
    ["select '🎉', 1/0", "== SQL (line 1, position 13) ==\nselect '🎉', 1/0\n            ^^^\n", '1/0'],
    // Spark 3.5
    ['select 1/0', '== SQL(line 1, position 8) ==\nselect 1/0\n       ^^^\n', '1/0'],
    [
      `select ${'1 + '.repeat(20)}1/0`,
      '== SQL (line 1, position 88) ==\n...1 + 1 + 1 + 1 + 1 + 1 + 1 + 1 + 1/0\n                                   ^^^\n',
      '1/0',
    ],
  ])('is where Spark marks it: %s', (text, shown, at) => {
    const { message, position } = errorOf(`${DIVIDED}\n${shown}`, text, '22012');
    expect(position).toBe(text.indexOf(at));
    expect(message).toMatch(/^\[DIVIDE_BY_ZERO\] Division by zero\. \(line \d, column \d+\)$/);
  });

  test('is none in the text of a function or a view', () => {
    const ofFunction = `${DIVIDED}\n== SQL (line 1, position 1) ==\n1/a\n^^^\n`;
    expect(errorOf(ofFunction, 'select  ff(0)').position).toBeUndefined();
    const ofView = `${DIVIDED}\n== SQL of VIEW v (line 1, position 8) ==\nselect 1/id\n       ^^^^\n`;
    expect(errorOf(ofView, 'select * from v').position).toBeUndefined();
  });

  test('is at the only word that it can be, where Spark names the word alone', () => {
    const said = (near: string) =>
      `[PARSE_SYNTAX_ERROR] org.apache.spark.sql.catalyst.parser.ParseException: \n[PARSE_SYNTAX_ERROR] Syntax error at or near ${near}. SQLSTATE: 42601\n== SQL ==\nselect 1,\n^^^^^^^^^\n`;
    expect(errorOf(said("'d'"), 'select 1,\n a b d', '42601')).toMatchObject({ code: 'syntax', position: 15 });
    expect(errorOf(said("'a'"), 'select a a a').position).toBeUndefined();
    expect(errorOf(said('end of input'), 'select 1 +').position).toBe(10);
  });
});

describe('the words of an error', () => {
  test('have no plan', () => {
    const said =
      '[MISSING_GROUP_BY] org.apache.spark.sql.AnalysisException: [MISSING_GROUP_BY] The query does not include a GROUP BY clause. SQLSTATE: 42803; line 1 pos 0;\nAggregate [a#21, count(1) AS count(1)#23L]\n+- LocalRelation [a#21]\n';
    expect(errorOf(said, 'select a, count(*) from t').message).toBe(
      '[MISSING_GROUP_BY] The query does not include a GROUP BY clause. (line 1, column 1)',
    );
    const within =
      '[X.Y] org.apache.spark.sql.AnalysisException: [X.Y] Subqueries can only be used in filters:\nSort [a#6 ASC], true\n:  +- Project [a#6]\n+- LocalRelation [a#6]\n SQLSTATE: 0A000; line 1 pos 7;\nSort [a#6 ASC], true\n+- LocalRelation [a#6]\n';
    expect(errorOf(within, 'select a from t').message).toBe(
      '[X.Y] Subqueries can only be used in filters (line 1, column 8)',
    );
  });

  test.each([
    'seen in line 1, pos 2 of the feed',
    'my.own.ThingError: boo',
    'sum:\n+ 1\n+ 2',
    'x\n== SQL (line 1, position 1) ==\nselect 1\n^^^\nx',
    'a\n\tat my.job(Job.java:3)\nb SQLSTATE: P0001, c',
  ])('of an author stay whole: %j', (own) => {
    const class_ = '[USER_RAISED_EXCEPTION]';
    const error = errorOf(
      `${class_} org.apache.spark.SparkRuntimeException: ${class_} ${own} SQLSTATE: P0001`,
      'select raise_error(x)',
      'P0001',
    );
    expect(error.message).toBe(`${class_} ${own.replaceAll(/\s+/g, ' ')}`);
    expect(error).toMatchObject({ position: undefined, engineCode: 'P0001' });
  });

  test('have no class of Java, with a class of error and without', () => {
    const old =
      '[_LEGACY_ERROR_TEMP_0029] org.apache.spark.sql.catalyst.parser.ParseException: \nCannot mix fields.\n== SQL (line 1, position 8) ==\nselect interval 1\n       ^^^\n';
    expect(errorOf(old, 'select interval 1').message).toBe('Cannot mix fields. (line 1, column 8)');
    const job =
      'org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 1.0 failed 1 times, most recent failure: Lost task 0.0 in stage 1.0 (TID 1) (192.0.2.2 executor driver): java.lang.RuntimeException: my.own.ThingError: boo';
    expect(errorOf(job, 'select 1').message).toBe('my.own.ThingError: boo');
  });

  test('end with a whole character', () => {
    const cut = errorOf(`[X] a.B: [X] ${'🎉'.repeat(300)} SQLSTATE: 22000`, 'select 1').message;
    expect(cut.isWellFormed()).toBe(true);
    expect(cut).toMatch(/🎉…$/);
  });

  test('tell to write a placeholder as we do', () => {
    const said =
      '[UNBOUND_SQL_PARAMETER] org.apache.spark.sql.AnalysisException: [UNBOUND_SQL_PARAMETER] Found the unbound parameter: day. Please, fix `args` and provide a mapping. SQLSTATE: 42P02';
    expect(errorOf(said, 'select :day').message).toBe(
      '[UNBOUND_SQL_PARAMETER] Found the unbound parameter: day. Write $day, and give a value for it',
    );
  });

  test('say that Spark 3.5 has no parameters', () => {
    const said =
      "[PARSE_SYNTAX_ERROR] org.apache.spark.sql.catalyst.parser.ParseException: \n[PARSE_SYNTAX_ERROR] Syntax error at or near 'execute'.(line 1, pos 0)\n\n== SQL ==\nexecute immediate cast(X'73' as string) using 'x' as a\n^^^\n";
    const error = errorOf(said, 'select :taskwire_1');
    expect(error).toMatchObject({ code: 'parameters', position: undefined });
    expect(error.message).toMatch(/^Spark 3\.5 and older have no parameters: write the values/);
    expect(errorOf(said, 'execute x')).toMatchObject({ code: 'syntax', position: 0 });
  });
});
