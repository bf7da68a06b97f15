import { Command } from 'commander';
import { stopDaemon } from '../daemon/stop-daemon.ts';
import type { Finish } from '../exit-code.ts';
import { secondsInMs } from '../seconds.ts';

export function stopCommand(finish: Finish): Command {
  return new Command('stop')
    .description('stop what `taskwire start` runs, wait until it has stopped, and say what it waits for')
    .option('--timeout <seconds>', 'longest wait; it goes on stopping afterwards')
    .action(async ({ timeout }: { timeout?: string }) => {
      finish(await stopDaemon(secondsInMs('--timeout', timeout)));
    });
}
