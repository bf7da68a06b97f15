import { PermanentError } from '@taskwire/tasks';

/**
 * - `syntax`: the text is no SQL
 * - `not_allowed`: a statement, function or file that this connection does not open to queries
 * - `several_statements`: more than one statement in a text
 * - `parameters`: values that do not fit the placeholders
 * - `cancelled`: the driver was closed while the query ran (an abort rejects with its own reason instead)
 * - `incomplete`: fewer or more rows came than the engine has counted
 * - `too_large`: the result has more bytes than are allowed
 * - `failed`: everything else that the engine found wrong, such as an unknown table
 */
export type SqlErrorCode =
  | 'syntax'
  | 'not_allowed'
  | 'several_statements'
  | 'parameters'
  | 'cancelled'
  | 'incomplete'
  | 'too_large'
  | 'failed';

export interface SqlErrorOptions {
  code: SqlErrorCode;
  /** One sentence for whoever wrote the query: the engine's own words where it has any. Never with credentials in it. */
  message: string;
  /** Where in the query text, as an index into the string; left out where the engine does not say. */
  position?: number | undefined;
  /** The engine's own code for it: a SQLSTATE as `42P01`, or the class of a DuckDB error as `Catalog`. */
  engineCode?: string | undefined;
  cause?: unknown;
}

/** A statement was refused or has failed. Permanent: the same statement would fail again, so it is never retried. */
export class SqlError extends PermanentError {
  override readonly code: SqlErrorCode;
  readonly position: number | undefined;
  readonly engineCode: string | undefined;

  constructor({ code, message, position, engineCode, cause }: SqlErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.position = position;
    this.engineCode = engineCode;
  }
}

/**
 * What keeps us from a database.
 *
 * - `misconfigured`: its settings contradict each other, are incomplete, or name a variable that is not set
 * - `unreachable`: the host does not exist or does not answer; the connection was cut, also in the middle of a statement
 * - `tls`: the certificate is not trusted, or one side speaks no TLS
 * - `credentials`: the password or token is wrong, expired or missing
 * - `forbidden`: who we are is clear, and we may not
 * - `not_found`: no such database, warehouse (HTTP path), catalog or schema
 * - `busy`: too many connections, or too many requests for now
 * - `unavailable`: the server is there but does not work just now: it starts, a warehouse is asleep
 */
export type SqlConnectionFault =
  | 'misconfigured'
  | 'unreachable'
  | 'tls'
  | 'credentials'
  | 'forbidden'
  | 'not_found'
  | 'busy'
  | 'unavailable';

export interface SqlConnectionErrorOptions {
  fault: SqlConnectionFault;
  /** What is wrong and what to do, for a person who knows the configuration. Never with credentials in it. */
  message: string;
  cause?: unknown;
}

/** The database could not be used. Not the statement's fault: where a task may be tried again, this is tried again. */
export class SqlConnectionError extends Error {
  readonly code = 'connection';
  readonly fault: SqlConnectionFault;

  constructor({ fault, message, cause }: SqlConnectionErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SqlConnectionError';
    this.fault = fault;
  }
}
