import { Command } from 'commander';
import { stopDaemon } from '../daemon/stop-daemon.ts';
import type { Finish } from '../exit-code.ts';
import { secondsInMs } from '../seconds.ts';

export function stopCommand(finish: Finish): Command {
  return new Command('stop')
    .description('stop what `taskwire start` runs, wait until it has stopped, and say what it waits for')
    .option('--timeout <seconds>', 'longest wait; it goes on stopping afterwards')
    .option('--cancel', 'first cancel the queries that would go on in their engines, and wait for their end')
    .action(async ({ timeout, cancel }: { timeout?: string; cancel?: boolean }) => {
      finish(await stopDaemon(secondsInMs('--timeout', timeout), cancel));
    });
}
