import { PermanentError } from '@taskwire/tasks';

/**
 * - `syntax`: the text is no SQL
 * - `not_allowed`: a statement, function or file that this connection does not open to queries
 * - `several_statements`: more than one statement in a text
 * - `parameters`: values that do not fit the placeholders
 * - `cancelled`: the driver was closed while the query ran (an abort rejects with its own reason instead)
 * - `failed`: everything else that the engine found wrong, such as an unknown table
 */
export type SqlErrorCode = 'syntax' | 'not_allowed' | 'several_statements' | 'parameters' | 'cancelled' | 'failed';

export interface SqlErrorOptions {
  code: SqlErrorCode;
  /** One sentence for whoever wrote the query: the engine's own words where it has any. */
  message: string;
  /** Where in the query text, as an index into the string; left out where the engine does not say. */
  position?: number | undefined;
  cause?: unknown;
}

/** A statement was refused or has failed. Permanent: the same statement would fail again, so it is never retried. */
export class SqlError extends PermanentError {
  override readonly code: SqlErrorCode;
  readonly position: number | undefined;

  constructor({ code, message, position, cause }: SqlErrorOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.position = position;
  }
}
