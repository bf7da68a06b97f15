import type { JsonObject, JsonValue } from '@taskwire/protocol';
import type { ResultFormat } from './results/format.ts';

/**
 * One SQL engine, as the SQL worker sees it. Every driver passes the suite in `conformance/`, so that the same SQL value
 * becomes the same JSON on every engine.
 *
 * Disposing ends what is running with a `SqlError` `cancelled`, and waits until the engine has let go of it.
 */
export interface SqlDriver extends AsyncDisposable {
  /** Name of the engine in lower case, for logs: `duckdb`. */
  readonly engine: string;

  /**
   * Runs one statement and hands its rows over as they come. Nothing is connected before the first statement.
   *
   * Any number of statements may run at once; none sees anything of another. Rows that were handed over count only when
   * this resolves: it does so when the engine has said that these were all, and their number agrees with the engine's.
   *
   * @throws {SqlError} when the engine refuses or fails the statement, or delivered fewer rows than it has counted.
   * @throws {SqlConnectionError} when the engine cannot be reached, or does not let us in.
   * @throws `signal.reason` soon after the abort; the statement has then been stopped in the engine too, or will be within 1 s.
   * @throws what the receiver throws; the statement is stopped then.
   */
  run(statement: SqlStatement, receiver: RowReceiver): Promise<SqlSummary>;

  /**
   * Whether statements could run: connects and asks the engine for the least there is.
   *
   * @returns a sentence for a person: `PostgreSQL 15.18, database app as user reader, reading only`.
   * @throws {SqlConnectionError} which says in plain words what is wrong and what to do about it.
   */
  check(signal: AbortSignal): Promise<string>;

  /**
   * Runs one reading statement whose rows the engine itself writes to a file: at the engine's speed, and in no more memory
   * than the engine is given. Throws as `run`; no file is left behind then.
   *
   * @returns undefined, and has run nothing, when the engine cannot write these columns in this format without loss, or
   * when it is no statement for that.
   */
  exportFile?(statement: SqlStatement, target: ExportTarget): Promise<SqlExport | undefined>;
}

export interface SqlStatement {
  /** One statement. A trailing semicolon and comments are welcome. */
  readonly query: string;
  /** A list for `?`, an object for `$name`; bound by the engine, never put into the text. Empty when there are none. */
  readonly parameters: SqlParameters;
  /** At most so many rows are handed over, from 0. The engine is made to stop early; it is not the client that drops rows. */
  readonly maxRows: number;
  /** When the engine may give up by itself: for the case that whoever asked is no more. The signal says so earlier. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Strings, numbers, booleans and nulls. A whole number must be within ±(2^53-1), where JSON loses no digits; a larger one
 * is passed as a string, which the engine converts to the type that it is compared with or cast to.
 */
export type SqlParameters = readonly JsonValue[] | Readonly<JsonObject>;

export interface SqlColumn {
  /** Unique in its result: when a name comes twice, the second is `name_1`. */
  readonly name: string;
  /** The engine's own name of the type, as `DECIMAL(10,2)`. It says how to read a value that travels as a string. */
  readonly type: string;
}

/**
 * The values of a row, in the order of the columns. Nothing has lost a digit: integers beyond ±(2^53-1) and all decimals are
 * strings, as are `NaN` and `Infinity`; dates and times are ISO 8601, binary is base64, nested values are JSON.
 */
export type SqlRow = readonly JsonValue[];

/** Takes what a statement returns. */
export interface RowReceiver {
  /** Called once, before any rows, also when there are none. No columns: a statement that returns no rows, as INSERT. */
  columns(columns: readonly SqlColumn[]): void;
  /** Called for up to some thousand rows at a time. The engine is not asked for more before this has resolved. */
  rows(rows: readonly SqlRow[]): Promise<void> | void;
}

export interface SqlSummary {
  /** Number of rows handed over. */
  readonly rowCount: number;
  /** Whether there were more rows than `maxRows`; false when there were exactly as many. */
  readonly truncated: boolean;
  /** How many rows the statement has changed, where it is one that changes rows and the engine says so. */
  readonly affectedRows?: number;
}

export interface ExportTarget {
  /** Absolute. A file that is there is replaced. */
  readonly path: string;
  readonly format: ResultFormat;
  /** When the file grows beyond this, the statement is stopped, and a `SqlError` `too_large` thrown. */
  readonly maxBytes: number;
  /** So many of the first rows are returned too. */
  readonly previewRows: number;
}

export interface SqlExport extends SqlSummary {
  readonly columns: readonly SqlColumn[];
  readonly preview: readonly SqlRow[];
}
