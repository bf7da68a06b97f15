import { Command } from 'commander';
import { UsageError } from '../command-error.ts';
import { EXIT_CODE, type Finish } from '../exit-code.ts';

export function startCommand(finish: Finish): Command {
  return new Command('start')
    .description('run Redis (if none answers), processor, workers and dashboard until Ctrl-C')
    .option('--detach', 'run them in the background; ends when they are ready')
    .option('--watch', 'run new code and settings as soon as a file of them changes: for development')
    .action(async ({ detach, watch = false }: { detach?: boolean; watch?: boolean }) => {
      if (detach && watch) throw new UsageError('--watch cannot be combined with --detach: run it in a terminal.');
      // Each is loaded on demand: `--detach` waits for it.
      if (detach) finish(await (await import('../daemon/start-detached.ts')).startDetached());
      else {
        await (await import('../daemon/foreground.ts')).runInForeground({ watch });
        finish(EXIT_CODE.ok);
      }
    });
}
