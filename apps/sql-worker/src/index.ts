export { createSqlWorker } from './sql-worker.ts';
