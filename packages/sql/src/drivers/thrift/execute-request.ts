import type { BoundStatement } from './dialect.ts';
import { int64, type RequestOf, type TSessionHandle } from './protocol.ts';
import { MAX_BYTES, MAX_ROWS } from './result-pages.ts';

export interface StatementOptions {
  sessionHandle: TSessionHandle;
  statement: BoundStatement;
  /** Most rows to ask for. */
  rowLimit: number;
  /** Whether the server stops at that many rows; only for queries. */
  limitOnServer: boolean;
  timeoutMs: number;
}

export function executeRequest(options: StatementOptions): RequestOf<'ExecuteStatement'> {
  const { sessionHandle, statement, rowLimit, limitOnServer, timeoutMs } = options;
  return {
    sessionHandle,
    statement: statement.asSent(statement.text),
    parameters: statement.parameters,
    runAsync: true,
    getDirectResults: { maxRows: int64(Math.min(rowLimit, MAX_ROWS)), maxBytes: int64(MAX_BYTES) },
    // For servers that do not know STATEMENT_TIMEOUT.
    queryTimeout: int64(Math.ceil(timeoutMs / 1000)),
    ...(limitOnServer && rowLimit < 2 ** 31 && { resultRowLimit: int64(rowLimit) }),
    canReadArrowResult: true,
    canDownloadResult: true,
    canDecompressLZ4Result: false,
    useArrowNativeTypes: {
      timestampAsArrow: true,
      decimalAsArrow: true,
      complexTypesAsArrow: true,
      // Arrow's library for JavaScript cannot read them.
      intervalTypesAsArrow: false,
      nullTypeAsArrow: true,
    },
  };
}
