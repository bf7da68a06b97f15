import { runService } from '@taskwire/service';
import { createProcessor } from './processor.ts';

await runService('processor', createProcessor);
