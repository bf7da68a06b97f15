import { runService } from '@taskwire/runtime';
import { createSqlWorker } from './sql-worker.ts';

await runService('sql-worker', createSqlWorker);
