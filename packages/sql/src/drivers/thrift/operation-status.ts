import { SqlConnectionError, type SqlConnectionFault } from '../../sql-error.ts';
import { HttpFault } from './http-fault.ts';
import { type TGetOperationStatusResp, TOperationState, type TStatus, TStatusCode } from './protocol.ts';

/** The session that a statement was to run in is gone; the statement has not begun. */
export class ExpiredSessionError extends Error {}

/** The statement failed for the reason in `cause`, but may still run: its session must be closed, perhaps later, to end it. */
export class UnstoppedError extends Error {
  /** Undefined: the engine has confirmed the cancel, but something may begin all the same. */
  readonly why: string | undefined;

  constructor(cause: unknown, why?: string) {
    super('', { cause });
    this.why = why;
  }
}

/** The statement may have begun, or has, and nobody knows any more what becomes of it. */
export class LostStatementError extends SqlConnectionError {
  constructor(message: string, fault: SqlConnectionFault = 'unreachable') {
    super({ fault, message });
  }
}

export function forgotten(): LostStatementError {
  const why = 'it was restarted, or the session has ended';
  return new LostStatementError(`The server no longer knows the running statement: ${why}`);
}

export function isUnderWay({ operationState }: TGetOperationStatusResp): boolean {
  return (
    operationState === TOperationState.INITIALIZED_STATE ||
    operationState === TOperationState.PENDING_STATE ||
    operationState === TOperationState.RUNNING_STATE
  );
}

/** Whether a statement in this state has ended without a result: the engine does nothing for it any more. */
export function hasFailed(state: number): boolean {
  return (
    state === TOperationState.ERROR_STATE ||
    state === TOperationState.TIMEDOUT_STATE ||
    state === TOperationState.CANCELED_STATE ||
    state === TOperationState.CLOSED_STATE
  );
}

export function isError({ statusCode }: TStatus): boolean {
  return statusCode === TStatusCode.ERROR_STATUS || statusCode === TStatusCode.INVALID_HANDLE_STATUS;
}

/** Whether the server does not know the session, or the statement, any more. */
export function isExpired(status: TStatus): boolean {
  const { statusCode, errorMessage } = status;
  return statusCode === TStatusCode.INVALID_HANDLE_STATUS || (isError(status) && saysExpired(errorMessage ?? ''));
}

export function isExpiredHandle(thrown: unknown): boolean {
  return thrown instanceof HttpFault && saysExpired(thrown.serverMessage);
}

/** The server has only words for it: `Invalid SessionHandle: SessionHandle […]`, `Session […] is closed`. */
function saysExpired(message: string): boolean {
  return /Invalid (?:Session|Operation)Handle|Session \S+ (?:is closed|has expired|does not exist)/i.test(message);
}
