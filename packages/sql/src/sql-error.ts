import { MayStillRunError, PermanentError } from '@taskwire/tasks';

/**
 * - `syntax`: the text is not SQL
 * - `not_allowed`: a statement, function or file that this connection does not allow
 * - `several_statements`: more than one statement in a text
 * - `parameters`: values that do not fit the placeholders
 * - `cancelled`: the driver was closed while the query ran (an abort rejects with its own reason instead)
 * - `incomplete`: fewer or more rows came than the engine counted
 * - `too_large`: the result has more bytes than are allowed
 * - `failed`: any other error of the engine, such as an unknown table
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
  /** One sentence for the author of the query, in the engine's own words if it has any. Never with credentials. */
  message: string;
  /** Where in the query text, as an index into the string, if the engine says it. */
  position?: number | undefined;
  /** The engine's own code for it: a SQLSTATE as `42P01`, or the class of a DuckDB error as `Catalog`. */
  engineCode?: string | undefined;
  /** Whether a connection that may write would take it. */
  isWrite?: boolean;
  cause?: unknown;
}

/** A statement was refused or has failed. Permanent: the same statement would fail again, so it is never retried. */
export class SqlError extends PermanentError {
  override readonly code: SqlErrorCode;
  readonly position: number | undefined;
  readonly engineCode: string | undefined;
  readonly isWrite: boolean;

  constructor({ code, message, position, engineCode, isWrite = false, cause }: SqlErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.position = position;
    this.engineCode = engineCode;
    this.isWrite = isWrite;
  }
}

/**
 * Why a database cannot be used.
 *
 * - `misconfigured`: its settings contradict each other, are incomplete, or name a variable that is not set
 * - `unreachable`: the host does not exist or does not answer; the connection was cut, also in the middle of a statement
 * - `tls`: the certificate is not trusted, or one side does not speak TLS
 * - `credentials`: the password or token is wrong, expired or missing
 * - `forbidden`: the login is right but lacks the permission
 * - `not_found`: no such database, warehouse (HTTP path), catalog or schema
 * - `busy`: too many connections, or too many requests
 * - `unavailable`: the server answers but does not work now: it is starting, or a warehouse is stopped
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
  /** What is wrong and what to do, for a person who knows the configuration. Never with credentials. */
  message: string;
  cause?: unknown;
}

/** The database could not be used. It is not the statement's fault: if the task has attempts left, it is tried again. */
export class SqlConnectionError extends Error {
  readonly code = 'connection';
  readonly fault: SqlConnectionFault;

  constructor({ fault, message, cause }: SqlConnectionErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SqlConnectionError';
    this.fault = fault;
  }
}

/** A statement was aborted, and its engine has not confirmed its end. */
export class StillRunsError extends MayStillRunError {
  override readonly name = 'StillRunsError';

  /** @param why perhaps also when the engine ends it by itself. Never with credentials. */
  constructor(why: string, cause?: unknown) {
    super(`the engine did not confirm it, so the statement may still run there: ${why}`, { cause });
  }
}
