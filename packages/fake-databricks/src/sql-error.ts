/** What a failing statement tells its client: in the shapes of a warehouse, in words of its own. */
export class SqlError extends Error {
  /** The error class, such as `PARSE_SYNTAX_ERROR`. */
  readonly errorClass: string;
  /** Five characters, such as `42601`. */
  readonly sqlState: string;

  /** @param place where in the statement it is, as Databricks writes it behind the text */
  constructor(errorClass: string, sqlState: string, text: string, place = '') {
    super(`[${errorClass}] ${text} SQLSTATE: ${sqlState}${place}`);
    this.errorClass = errorClass;
    this.sqlState = sqlState;
  }

  /** `errorMessage` of the protocol: the text within a Java stack, as production sends it. */
  get serverMessage(): string {
    return [
      `org.apache.hive.service.cli.HiveSQLException: Error running query: [${this.errorClass}] ` +
        `org.apache.spark.sql.catalyst.ExtendedAnalysisException: ${this.message}`,
      '\tat org.apache.spark.sql.hive.thriftserver.HiveThriftServerErrors$.runningQueryError(HiveThriftServerErrors.scala:49)',
    ].join('\n');
  }
}

/** What DuckDB says when `errors_as_json` is set. */
interface Said {
  exception_type: string;
  exception_message: string;
  /** In characters for the parser, in bytes of UTF-8 for later stages. */
  position?: string;
}

/** A warehouse's error in place of the engine's `cause`. */
export function toSqlError(cause: unknown, statement: string): SqlError {
  if (cause instanceof SqlError) return cause;
  const { exception_type: type, exception_message: message, position } = said(cause);
  const [text = ''] = message.split('\n');
  const isSyntax = type === 'Parser';
  const at = Number(position ?? 0);
  const before = isSyntax ? [...statement].slice(0, at).join('') : Buffer.from(statement).subarray(0, at).toString();
  // Lines count from 1, characters (not UTF-16 units) in a line from 0.
  const lines = before.split('\n');
  const [line, pos] = [lines.length, [...(lines.at(-1) ?? '')].length];
  if (isSyntax) return new SqlError('PARSE_SYNTAX_ERROR', '42601', text, ` (line ${line}, pos ${pos})`);
  return new SqlError('FAILED', '42000', text, position === undefined ? '' : `; line ${line} pos ${pos}`);
}

function said(cause: unknown): Said {
  const text = cause instanceof Error ? cause.message : String(cause);
  try {
    return JSON.parse(text.slice(text.indexOf('{')));
  } catch {
    return { exception_type: '', exception_message: text };
  }
}
