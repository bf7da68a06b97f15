export { type FindOptions, History, type KeptPage } from './history.ts';
export type { AuditEntry, KeptAudit } from './history-file.ts';
export { HistoryError } from './history-thread.ts';
export type { KeptSummary, KeptTask } from './kept-task.ts';
export type { KeptFilter } from './search.ts';
