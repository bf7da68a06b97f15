import { runService } from '@taskwire/service';
import { createDashboard } from './dashboard.ts';

await runService('dashboard', createDashboard);
