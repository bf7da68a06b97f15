import { runService } from '@taskwire/runtime';
import { createDashboard } from './dashboard.ts';

await runService('dashboard', createDashboard);
