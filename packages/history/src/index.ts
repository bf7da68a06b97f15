export { History } from './history.ts';
export type { AuditEntry } from './history-file.ts';
export { HistoryError } from './history-thread.ts';
export type { Row, Summary } from './row.ts';
export type { Found, KeptFilter, Place } from './search.ts';
