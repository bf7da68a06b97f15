import { localMachine } from './setup/machine.ts';
import { setUp } from './setup/set-up.ts';

process.exitCode = await setUp({
  argv: process.argv.slice(2),
  machine: localMachine,
  say: console.log,
  complain: console.error,
});
