import { runInBackground } from './background.ts';

process.exitCode = await runInBackground();
