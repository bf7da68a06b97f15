import { SqlConnectionError } from '../../sql-error.ts';
import { type TGetOperationStatusResp, TOperationState, type TStatus, TStatusCode } from './protocol.ts';
import { saysExpired } from './transport.ts';

/** The session that a statement was to run in is gone; the statement has not begun. */
export class ExpiredSessionError extends Error {}

/** The statement failed for the reason in `cause`, but may still run: its session must be closed, later, to end it. */
export class UnstoppedError extends Error {}

/** The server does not know the statement any more. */
export class ForgottenStatementError extends SqlConnectionError {
  constructor() {
    const message = 'The server no longer knows the running statement: it was restarted, or the session has ended';
    super({ fault: 'unreachable', message });
  }
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
