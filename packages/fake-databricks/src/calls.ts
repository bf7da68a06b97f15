import type {
  TCancelOperationReq,
  TCloseOperationReq,
  TCloseSessionReq,
  TFetchResultsReq,
  TGetOperationStatusReq,
  TGetResultSetMetadataReq,
  TOpenSessionReq,
} from '@databricks/sql/thrift/TCLIService_types.js';
import { answerEnd, limitOf } from './answer-size.ts';
import { type Call, unknownHandle } from './call.ts';
import { executeStatement } from './execute-statement.ts';
import { guidText } from './guid.ts';
import { metadataOf, rowsOf } from './result-wire.ts';
import { SqlError } from './sql-error.ts';
import { errorStatus, operationStatus, SUCCESS } from './status-answers.ts';
import type { Held } from './warehouse.ts';
import { FetchOrientation, type Handlers, ProtocolVersion } from './wire.ts';

/** Answers one call. The protocol's other calls (GetInfo, GetTables, …) are missing. */
export function handlersOf(call: Call): Handlers {
  const { warehouse } = call;
  return {
    OpenSession: (request: TOpenSessionReq) => openSession(request, call),
    CloseSession: async ({ sessionHandle: { sessionId } }: TCloseSessionReq) => {
      const id = guidText(sessionId.guid);
      call.log({ session: id });
      if (!warehouse.sessions.has(id)) return unknownHandle('Session', sessionId.guid, call);
      warehouse.endSession(id);
      return { status: SUCCESS };
    },
    ExecuteStatement: (request) => executeStatement(request, call),
    GetOperationStatus: (request: TGetOperationStatusReq) =>
      withOperation(request, call, ({ operation, polled }) => {
        polled();
        return operationStatus(operation);
      }),
    GetResultSetMetadata: (request: TGetResultSetMetadataReq) =>
      withOperation(request, call, ({ operation, format }) =>
        operation.table ? metadataOf(operation.table, format) : { status: errorStatus('There is no result.', 'HY010') },
      ),
    FetchResults: (request: TFetchResultsReq) =>
      withOperation(request, call, (held) => fetchResults(request, held, call)),
    CancelOperation: (request: TCancelOperationReq) =>
      withOperation(request, call, ({ operation }) => {
        warehouse.cancel(operation);
        return { status: SUCCESS };
      }),
    CloseOperation: (request: TCloseOperationReq) =>
      withOperation(request, call, ({ operation }) => {
        warehouse.endOperation(operation);
        return { status: SUCCESS };
      }),
  };
}

async function openSession({ configuration, initialNamespace }: TOpenSessionReq, call: Call): Promise<object> {
  const answer = {
    status: SUCCESS,
    serverProtocolVersion: ProtocolVersion.SPARK_CLI_SERVICE_PROTOCOL_V8,
    canUseMultipleCatalogs: true,
  };
  call.log({ configuration: { ...configuration } });
  if (call.fault?.kind === 'error') {
    return { ...answer, status: errorStatus(call.fault.message, call.fault.sqlState) };
  }
  const namespace = { catalog: initialNamespace?.catalogName, schema: initialNamespace?.schemaName };
  try {
    const { guid, secret } = await call.warehouse.openSession(namespace, { ...configuration });
    return { ...answer, sessionHandle: { sessionId: { guid, secret } } };
  } catch (cause) {
    if (!(cause instanceof SqlError)) throw cause;
    return { ...answer, status: errorStatus(cause.message, cause.sqlState) };
  }
}

function fetchResults(request: TFetchResultsReq, { operation, format }: Held, call: Call): object {
  const { table } = operation;
  if (!table || operation.state !== 'FINISHED') {
    return { status: errorStatus(operation.error?.message ?? 'There is no result.', 'HY010') };
  }
  const { fault } = call;
  const isFirst = request.orientation === FetchOrientation.FETCH_FIRST;
  const next = request.startRowOffset?.toNumber() ?? (isFirst ? 0 : operation.fetched);
  const from = Math.min(table.rowCount, next + (fault?.kind === 'skipped-rows' ? fault.rows : 0));
  const rows = Math.min(request.maxRows.toNumber(), call.settings.fetchRows);
  const to = answerEnd(table, from, { rows, bytes: limitOf(request.maxBytes) });
  operation.fetched = to;
  return rowsOf(table, format, from, to, fault?.kind === 'missing-rows' ? fault.rows : 0);
}

async function withOperation(
  request: TGetOperationStatusReq | TFetchResultsReq,
  call: Call,
  answer: (held: Held) => object,
): Promise<object> {
  const { guid } = request.operationHandle.operationId;
  const held = call.warehouse.operations.get(guidText(guid));
  call.log({
    operation: guidText(guid),
    ...(held && { session: held.operation.session.id }),
    ...('maxRows' in request && { maxRows: request.maxRows.toNumber() }),
  });
  if (call.fault?.kind === 'error') return { status: errorStatus(call.fault.message, call.fault.sqlState) };
  if (!held || call.fault?.kind === 'invalid-handle') return unknownHandle('Operation', guid, call);
  return answer(held);
}
