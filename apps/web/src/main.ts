import { runService } from '@taskwire/service';
import { createWebServer } from './web-server.ts';

await runService('web', createWebServer);
