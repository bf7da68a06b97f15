import { originalOffset, readEngineError } from './engine-error.ts';

/** What a failing statement tells its client. */
export class SqlError extends Error {
  /** The error class, such as `TABLE_OR_VIEW_NOT_FOUND`. */
  readonly errorClass: string;
  /** Five characters, such as `42P01`. */
  readonly sqlState: string;

  constructor(errorClass: string, sqlState: string, text: string) {
    super(`[${errorClass}] ${text}`);
    this.errorClass = errorClass;
    this.sqlState = sqlState;
  }

  /** `errorMessage` of the protocol: the text within a Java stack, as production sends it. */
  get serverMessage(): string {
    return [
      `org.apache.hive.service.cli.HiveSQLException: Error running query: [${this.errorClass}] ` +
        `org.apache.spark.sql.catalyst.ExtendedAnalysisException: ${this.message}`,
      '\tat org.apache.spark.sql.hive.thriftserver.HiveThriftServerErrors$.runningQueryError(HiveThriftServerErrors.scala:49)',
      '\tat org.apache.spark.sql.hive.thriftserver.SparkExecuteStatementOperation.run(SparkExecuteStatementOperation.scala:805)',
    ].join('\n');
  }
}

interface Rule {
  pattern: RegExp;
  /** @param at offset of the fault in the statement */
  make: (found: RegExpMatchArray, statement: string, at: number) => SqlError;
}

const RULES: readonly Rule[] = [
  {
    pattern: /^Parser Error: .* at or near "(.*)"/,
    make: ([, near = ''], statement, at) => syntaxError(near, statement, at),
  },
  {
    pattern: /^Parser Error: (syntax error at end of input|.*)/,
    make: (_, statement) => syntaxError('end of input', statement),
  },
  {
    pattern: /(?:Table|View) with name (?:"([^"]+)"|(\S+)) does not exist/,
    make: ([, quotedName, name = quotedName ?? ''], statement, at) => {
      const quoted = `\`${name.split('.').join('`.`')}\``;
      const text =
        `The table or view ${quoted} cannot be found. Verify the spelling and correctness of the schema and catalog.\n` +
        'If you did not qualify the name with a schema, verify the current_schema() output, or qualify the name with ' +
        'the correct schema and catalog.\nTo tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS.';
      return new SqlError('TABLE_OR_VIEW_NOT_FOUND', '42P01', `${text} SQLSTATE: 42P01${place(statement, ';', at)}`);
    },
  },
  {
    pattern: /Referenced (?:column|table) "(.*?)" not found/,
    make: ([, name = ''], statement, at) =>
      new SqlError(
        'UNRESOLVED_COLUMN.WITHOUT_SUGGESTION',
        '42703',
        `A column, variable, or function parameter with name \`${name}\` cannot be resolved. SQLSTATE: 42703` +
          place(statement, ';', at),
      ),
  },
  {
    pattern: /Function with name "?(\w+)"? does not exist/,
    make: ([, name = ''], statement, at) =>
      new SqlError(
        'UNRESOLVED_ROUTINE',
        '42883',
        `Cannot resolve routine \`${name}\` on search path [\`system\`.\`builtin\`, \`system\`.\`session\`]. ` +
          `Verify the spelling of \`${name}\`. SQLSTATE: 42883${place(statement, ';', at)}`,
      ),
  },
  {
    pattern: /(?:Could not convert|invalid \w+ field format|Failed to cast).*?(?:'|")(.*?)(?:'|").*?(?:to (\w+))?$/im,
    make: ([, value = '', type = 'value']) =>
      new SqlError(
        'CAST_INVALID_INPUT',
        '22018',
        `The value '${value}' of the type "STRING" cannot be cast to "${sqlName(type)}" because it is malformed. ` +
          'Correct the value as per the syntax, or change its target type. Use `try_cast` to tolerate malformed ' +
          'input and return NULL instead. SQLSTATE: 22018',
      ),
  },
  {
    pattern: /Type (\w+) with value (\S+) can't be cast .* destination type (\w+)/,
    make: ([, from = '', value = '', to = '']) =>
      new SqlError(
        'CAST_OVERFLOW',
        '22003',
        `The value ${value} of the type "${sqlName(from)}" cannot be cast to "${sqlName(to)}" due to an overflow. ` +
          'Use `try_cast` to tolerate overflow and return NULL instead. SQLSTATE: 22003',
      ),
  },
  {
    pattern: /^Out of Range Error: (.*)/,
    make: () =>
      new SqlError('ARITHMETIC_OVERFLOW', '22003', 'integer overflow. Use `try_add` to tolerate. SQLSTATE: 22003'),
  },
  {
    pattern: /DIVIDE_BY_ZERO/,
    make: () =>
      new SqlError(
        'DIVIDE_BY_ZERO',
        '22012',
        'Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead. SQLSTATE: 22012',
      ),
  },
  {
    pattern: /^Invalid Input Error: ([\s\S]*)/,
    make: ([, text = '']) => new SqlError('USER_RAISED_EXCEPTION', 'P0001', `${text} SQLSTATE: P0001`),
  },
];

/**
 * Databricks' error in place of the engine's `cause`.
 *
 * @param statement is the client's text, to which positions refer.
 * @param sql is its translation, if there is one.
 */
export function toSqlError(cause: unknown, statement: string, sql = statement): SqlError {
  if (cause instanceof SqlError) return cause;
  const { message, position } = readEngineError(cause);
  const at = position === undefined ? 0 : (originalOffset(statement, sql, position) ?? 0);
  for (const { pattern, make } of RULES) {
    const found = message.match(pattern);
    if (found) return make(found, statement, at);
  }
  return new SqlError('INTERNAL_ERROR', 'XX000', `${message} SQLSTATE: XX000`);
}

/** `near` is a word of the statement at `at`, or "end of input". */
export function syntaxError(near: string, statement: string, at = statement.length): SqlError {
  const end = near === 'end of input';
  const where = place(statement, ' (', end ? statement.length : at);
  const text = `Syntax error at or near ${end ? near : `'${near}'`}. SQLSTATE: 42601${where})`;
  return new SqlError('PARSE_SYNTAX_ERROR', '42601', text);
}

/** Databricks' name for a type in an error of the engine. */
function sqlName(type: string): string {
  const names: Record<string, string> = { INT8: 'TINYINT', INT16: 'SMALLINT', INT32: 'INT', INT64: 'BIGINT' };
  return names[type] ?? type;
}

/** Lines count from 1, characters (not UTF-16 units) in a line from 0. */
function place(statement: string, before: ';' | ' (', at: number): string {
  const lines = statement.slice(0, at).split('\n');
  const position = [...(lines.at(-1) ?? '')].length;
  return before === ';' ? `; line ${lines.length} pos ${position}` : ` (line ${lines.length}, pos ${position}`;
}
