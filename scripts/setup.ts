import { runSetup } from './setup/run-setup.ts';

process.exitCode = await runSetup({ argv: process.argv.slice(2), say: console.log, complain: console.error });
