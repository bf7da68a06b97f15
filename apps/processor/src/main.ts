import { runService } from '@taskwire/runtime';
import { createProcessor } from './processor.ts';

await runService('processor', createProcessor);
