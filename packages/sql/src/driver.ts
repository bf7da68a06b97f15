import type { JsonObject, JsonValue } from '@taskwire/protocol';
import type { Handover } from './hand-over.ts';
import type { ResultFormat } from './results/format.ts';

/**
 * One SQL engine, as the SQL worker sees it. Every driver passes the suite in `conformance/`, so that the same SQL value
 * becomes the same JSON on every engine.
 *
 * Disposing ends running statements with a `SqlError` `cancelled`, and waits until the engine has ended them.
 */
export interface SqlDriver extends AsyncDisposable {
  /** Name of the engine in lower case, for logs: `duckdb`. */
  readonly engine: string;

  /**
   * Runs one statement and hands its rows over as they come. Nothing is connected before the first statement.
   *
   * Any number of statements may run at once; none sees another. Rows count only when this resolves: when the engine has
   * said that these were all, and its row count agrees.
   *
   * @throws {SqlError} when the engine refuses or fails the statement, or delivers fewer rows than it counted.
   * @throws {SqlConnectionError} when the engine cannot be reached, or refuses the login.
   * @throws `signal.reason` soon after the abort; the engine has then stopped the statement, too.
   * @throws {StillRunsError} after the abort, at most 5 s later, when the engine has not confirmed that.
   * @throws what the receiver throws; then the statement is stopped.
   */
  run(statement: SqlStatement, receiver: RowReceiver): Promise<SqlSummary>;

  /**
   * Checks that statements can run: connects and runs the smallest query.
   *
   * @returns a sentence for a person: `PostgreSQL 15.18, database app as user reader, reading only`.
   * @throws {SqlConnectionError} that says in plain words what is wrong and what to do.
   */
  check(signal: AbortSignal): Promise<string>;

  /**
   * Runs one reading statement whose rows the engine itself writes to a file: at the engine's speed, and within its memory
   * limit. Throws like `run`, and then leaves no file.
   *
   * @returns undefined, without running anything, if the engine cannot write these columns in this format without loss, or
   * not the rows of this statement.
   */
  exportFile?(statement: SqlStatement, target: ExportTarget): Promise<SqlExport | undefined>;

  /** Ends what an earlier attempt has left in the engine, when its statement is not run again. */
  endLeft?(left: JsonValue): Promise<void>;
}

export interface SqlStatement {
  /** One statement. A trailing semicolon and comments are welcome. */
  readonly query: string;
  /** A list for `?`, an object for `$name`; bound by the engine, never put into the text. Empty when there are none. */
  readonly parameters: SqlParameters;
  /** Where names without a catalog are looked up, instead of as the connection says. Not all engines have several. */
  readonly catalog?: string | undefined;
  /** Where names without a schema are looked up, instead of as the connection says. */
  readonly schema?: string | undefined;
  /** Most rows handed over, from 0. The engine stops early; the client does not drop rows. */
  readonly maxRows: number;
  /** When the engine may give up by itself, in case the worker is dead. The signal comes earlier. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Undefined: the statement ends with its caller. */
  readonly handover?: Handover | undefined;
}

/**
 * Strings, numbers, booleans and nulls. A whole number must be within ±(2^53-1), where JSON loses no digits; pass a larger
 * one as a string, which the engine converts to the type that it is compared with or cast to.
 */
export type SqlParameters = readonly JsonValue[] | Readonly<JsonObject>;

export interface SqlColumn {
  /** Unique in its result: the second column of a name is `name_1`. */
  readonly name: string;
  /** The engine's own name of the type, as `DECIMAL(10,2)`. It says how to read a value that travels as a string. */
  readonly type: string;
  /** Whether values are texts of JSON, still to be parsed: otherwise a JSON null would look like NULL, and `"1"` like 1. */
  readonly isJson?: boolean;
  /** The DuckDB type for its values in a Parquet file, where the name would mislead: users may call a type `bytea`. */
  readonly parquetType?: string;
}

/**
 * The values of a row, in the order of the columns, without loss: integers beyond ±(2^53-1), all decimals, `NaN` and
 * `Infinity` are strings; dates and times are ISO 8601, binary is base64, nested values are JSON.
 */
export type SqlRow = readonly JsonValue[];

/** Takes what a statement returns. */
export interface RowReceiver {
  /** Called once, before any rows, also if there are none. No columns: a statement that returns no rows, such as INSERT. */
  columns(columns: readonly SqlColumn[]): void;
  /** Called with up to some thousand rows at a time. More are fetched only after this resolves. */
  rows(rows: readonly SqlRow[]): Promise<void> | void;
  /** Called before a statement takes effect that can still be undone: what this throws undoes it. Not all drivers call it. */
  complete?(summary: SqlSummary): Promise<void>;
}

export interface SqlSummary {
  /** Number of rows handed over. */
  readonly rowCount: number;
  /** Whether there were more rows than `maxRows`; false if exactly as many. */
  readonly truncated: boolean;
  /** How many rows the statement changed, if it changes rows and the engine says it. */
  readonly affectedRows?: number;
}

export interface ExportTarget {
  /** Absolute. An existing file is replaced. */
  readonly path: string;
  readonly format: ResultFormat;
  /** If the file grows beyond this, the statement is stopped with a `SqlError` `too_large`. */
  readonly maxBytes: number;
  /** How many of the first rows are also returned. */
  readonly previewRows: number;
}

export interface SqlExport extends SqlSummary {
  readonly columns: readonly SqlColumn[];
  readonly preview: readonly SqlRow[];
}
