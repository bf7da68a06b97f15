import type { TExecuteStatementReq } from '@databricks/sql/thrift/TCLIService_types.js';
import { answerEnd, limitOf } from './answer-size.ts';
import { type Call, unknownHandle } from './call.ts';
import { guidText } from './guid.ts';
import type { SparkParameter } from './parameters.ts';
import type { LoggedRequest } from './request-log.ts';
import { resultFormat } from './result-format.ts';
import { metadataOf, rowsOf } from './result-wire.ts';
import { errorStatus, operationStatus, SUCCESS } from './status-answers.ts';
import type { Held } from './warehouse.ts';
import { OperationType } from './wire.ts';

/** The answer to ExecuteStatement: a handle, and the result itself if the settings want that and it comes soon. */
export async function executeStatement(request: TExecuteStatementReq, call: Call): Promise<object> {
  const { guid } = request.sessionHandle.sessionId;
  const { warehouse, settings, fault } = call;
  const parameters = (request.parameters ?? []) as SparkParameter[];
  const details = { session: guidText(guid), statement: request.statement, parameters: parameters.map(logged) };
  if (fault?.kind === 'invalid-handle') warehouse.endSession(guidText(guid));
  const session = warehouse.sessions.get(guidText(guid));
  if (!session || fault?.kind === 'error') {
    call.log(details);
    if (fault?.kind === 'error') return { status: errorStatus(fault.message, fault.sqlState) };
    return unknownHandle('Session', guid, call);
  }
  const held = warehouse.start(
    {
      session,
      statement: request.statement,
      parameters,
      rowLimit: limitOf(request.resultRowLimit),
      timeoutState: settings.timeoutState,
    },
    resultFormat(request, settings, call.publish),
    fault?.kind === 'pending' ? fault.polls : 0,
  );
  const { operation } = held;
  call.log({ ...details, operation: operation.id });
  const direct = settings.directResults !== 'off' && Boolean(request.getDirectResults);
  if (direct || settings.errors === 'status') await within(operation.ended, settings.directWaitMs);
  if (settings.errors === 'status' && operation.error) {
    warehouse.endOperation(operation);
    return { status: errorStatus(operation.error.message, operation.error.sqlState) };
  }
  const silent = !direct || operation.isRunning || (operation.error && settings.errors === 'polled');
  return {
    status: SUCCESS,
    operationHandle: {
      operationId: { guid: operation.guid, secret: operation.secret },
      operationType: OperationType.EXECUTE_STATEMENT,
      hasResultSet: true,
    },
    ...(!silent && { directResults: directResults(request, held, call) }),
  };
}

function directResults(
  request: TExecuteStatementReq,
  { operation, format }: Held,
  { warehouse, settings, fault }: Call,
): object {
  const { table } = operation;
  const status = operationStatus(operation);
  if (!table || operation.state !== 'FINISHED') return { operationStatus: status };
  const { maxRows, maxBytes } = request.getDirectResults ?? {};
  const rows = Math.min(settings.directRows, limitOf(maxRows) ?? settings.directRows);
  const to = answerEnd(table, 0, { rows, bytes: limitOf(maxBytes) });
  const closes = settings.directResults === 'closing' && to === table.rowCount;
  operation.fetched = to;
  if (closes) warehouse.endOperation(operation);
  return {
    operationStatus: status,
    resultSetMetadata: metadataOf(table, format),
    resultSet: rowsOf(table, format, 0, to, fault?.kind === 'missing-rows' ? fault.rows : 0),
    ...(closes && { closeOperation: { status: SUCCESS } }),
  };
}

function logged({ name, type, value }: SparkParameter): NonNullable<LoggedRequest['parameters']>[number] {
  return {
    ...(name && { name }),
    ...(type && { type }),
    ...(typeof value?.stringValue === 'string' && { value: value.stringValue }),
  };
}

/** Resolves when the promise has settled or the time is over. */
async function within(promise: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, over]).finally(() => clearTimeout(timer));
}
