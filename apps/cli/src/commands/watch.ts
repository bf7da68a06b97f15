import { Command } from 'commander';
import { openClient } from '../open-client.ts';
import { print, printJson } from '../output/print.ts';
import { messageOf, watchedLine } from '../output/watched-line.ts';
import { interruption } from '../stop-signal.ts';

export function watchCommand(): Command {
  return new Command('watch')
    .description('print events and results as they come, until Ctrl-C')
    .argument('[id]', 'only of this task; then it ends with its result')
    .option('--json', 'print JSON lines')
    .action(async (taskId: string | undefined, { json }: { json?: boolean }) => {
      const signal = interruption();
      await using client = openClient();
      for await (const watched of client.watch({ taskId, signal })) {
        if (json) printJson(messageOf(watched));
        else print(watchedLine(watched));
        if (taskId !== undefined && watched.kind === 'result') return;
      }
    });
}
