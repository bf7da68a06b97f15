export { SqlConnections } from './connections/sql-connections.ts';
export type { RowReceiver, SqlColumn, SqlDriver, SqlParameters, SqlRow, SqlStatement, SqlSummary } from './driver.ts';
export { removeFoldersOf, removeLeftSpills } from './drivers/duckdb/private-folders.ts';
export { expectEstimate } from './estimate.ts';
export { sentBefore } from './hand-over.ts';
export { openDriver, type SqlDriverOptions } from './open-driver.ts';
export { NamedQueries, type NamedQuery } from './queries/named-queries.ts';
export { checkedParameters } from './queries/query-parameters.ts';
export { removeExpiredFiles } from './results/expired-files.ts';
export { RESULT_FORMATS, type ResultFormat } from './results/format.ts';
export {
  encoderOf,
  type ResultFile,
  type ResultOptions,
  runToResult,
  type SqlResult,
} from './results/run-to-result.ts';
export {
  SqlConnectionError,
  type SqlConnectionErrorOptions,
  type SqlConnectionFault,
  SqlError,
  type SqlErrorCode,
  type SqlErrorOptions,
  StillRunsError,
} from './sql-error.ts';
