import { runService } from '@taskwire/service';
import { createWorker } from './worker.ts';

await runService('worker', createWorker);
