export { type Connection, connectionsFor } from './connections.ts';
export type { CancelOutcome, ListFilter, Submitted, TaskDesk, TaskList, TaskNow } from './task-desk.ts';
export { createTaskServer, type TaskServerOptions } from './task-server.ts';
