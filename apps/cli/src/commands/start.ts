import { Command } from 'commander';
import { EXIT_CODE, type Finish } from '../exit-code.ts';

export function startCommand(finish: Finish): Command {
  return new Command('start')
    .description('run Redis (if none answers), processor, workers and dashboard until Ctrl-C')
    .option('--detach', 'run them in the background; ends when they are ready')
    .action(async ({ detach }: { detach?: boolean }) => {
      // Each is loaded on demand: `--detach` waits for it.
      if (detach) finish(await (await import('../daemon/start-detached.ts')).startDetached());
      else {
        await (await import('../daemon/foreground.ts')).runInForeground();
        finish(EXIT_CODE.ok);
      }
    });
}
