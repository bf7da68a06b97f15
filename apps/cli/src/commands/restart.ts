import { Command } from 'commander';
import { startDetached } from '../daemon/start-detached.ts';
import { stopDaemon } from '../daemon/stop-daemon.ts';
import { EXIT_CODE, type Finish } from '../exit-code.ts';
import { secondsInMs } from '../seconds.ts';

export function restartCommand(finish: Finish): Command {
  return new Command('restart')
    .description('stop what `taskwire start` runs, if it does, then start it in the background')
    .option('--timeout <seconds>', 'longest wait for the stop; after that, nothing is started')
    .action(async ({ timeout }: { timeout?: string }) => {
      const stopped = await stopDaemon(secondsInMs('--timeout', timeout));
      finish(stopped === EXIT_CODE.ok ? await startDetached() : stopped);
    });
}
