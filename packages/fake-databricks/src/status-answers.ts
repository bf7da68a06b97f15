import { guidText } from './guid.ts';
import type { Operation, OperationStateName } from './operation.ts';
import { OperationState, StatusCode } from './wire.ts';

/** The status of a successful answer. */
export const SUCCESS = { statusCode: StatusCode.SUCCESS_STATUS };

const STATES: Record<OperationStateName, number> = {
  PENDING: OperationState.PENDING_STATE,
  RUNNING: OperationState.RUNNING_STATE,
  FINISHED: OperationState.FINISHED_STATE,
  CANCELED: OperationState.CANCELED_STATE,
  CLOSED: OperationState.CLOSED_STATE,
  ERROR: OperationState.ERROR_STATE,
  TIMEDOUT: OperationState.TIMEDOUT_STATE,
};

/** The answer to GetOperationStatus. A failed statement has a clean text and one within a Java stack. */
export function operationStatus({ state, error, table }: Operation): object {
  return {
    status: SUCCESS,
    operationState: STATES[state],
    ...(table && { hasResultSet: table.columns.length > 0 }),
    ...(error && {
      sqlState: error.sqlState,
      errorCode: 0,
      errorMessage: error.serverMessage,
      displayMessage: error.message,
      diagnosticInfo: error.serverMessage,
    }),
  };
}

/** The status of a failed answer. */
export function errorStatus(message: string, sqlState = 'XX000'): object {
  return {
    statusCode: StatusCode.ERROR_STATUS,
    errorMessage: message,
    displayMessage: message,
    sqlState,
    errorCode: 0,
    infoMessages: [`*org.apache.hive.service.cli.HiveSQLException:${message}:0:0`],
  };
}

/** The status for a session or operation that the server does not know. */
export function invalidHandle(kind: 'Session' | 'Operation', guid: Buffer): object {
  const message = `Invalid ${kind}Handle: ${kind}Handle [${guidText(guid)}]`;
  return { ...errorStatus(message, '08003'), statusCode: StatusCode.INVALID_HANDLE_STATUS };
}

/** The same from production's gateway, in the header of an HTTP 400. */
export function invalidHandleMessage(kind: 'Session' | 'Operation', guid: Buffer): string {
  return `BAD_REQUEST: Invalid ${kind}Handle: ${kind} [${guidText(guid)}] is closed.`;
}
