import { runService } from '@taskwire/service';
import { createSqlWorker } from './sql-worker.ts';

await runService('sql-worker', createSqlWorker);
