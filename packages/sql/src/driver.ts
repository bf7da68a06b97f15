import type { JsonObject, JsonValue } from '@taskwire/protocol';

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
   * Runs one reading statement and collects its rows.
   *
   * Any number of queries may run at once; none sees anything of another.
   *
   * @throws {SqlError} when the engine refuses or fails the statement. Never in part: all rows up to `maxRows`, or none.
   * @throws `signal.reason` within about 100 ms of the abort; the statement is then being stopped in the engine too.
   */
  query(request: SqlQuery): Promise<SqlRows>;
}

export interface SqlQuery {
  /** One statement. A trailing semicolon and comments are welcome. */
  readonly query: string;
  /** A list for `?`, an object for `$name`; bound by the engine, never put into the text. Empty when there are none. */
  readonly parameters: SqlParameters;
  /** At most so many rows are returned, from 0. The engine is made to stop early; it is not the client that drops rows. */
  readonly maxRows: number;
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

export interface SqlRows {
  /** In the order of the statement, also when there are no rows. */
  readonly columns: SqlColumn[];
  /**
   * By column name. Nothing has lost a digit: integers beyond ±(2^53-1) and all decimals are strings, as are `NaN` and
   * `Infinity`; dates and times are ISO 8601, binary is base64. Each driver says how it writes what only its engine has.
   */
  readonly rows: JsonObject[];
  /** Number of `rows`. */
  readonly rowCount: number;
  /** Whether there were more rows than `maxRows`; false when there were exactly as many. */
  readonly truncated: boolean;
}
