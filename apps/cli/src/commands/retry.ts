import { styleText } from 'node:util';
import { Command } from 'commander';
import { type ActOptions, actByFilter, isById } from '../act-by-filter.ts';
import { askWeb, WebError } from '../ask-web.ts';
import { EXIT_CODE, type Finish } from '../exit-code.ts';
import { withFilterOptions } from '../filter-options.ts';
import { print, printJson } from '../output/print.ts';
import { visible } from '../output/terminal-text.ts';

export function retryCommand(finish: Finish): Command {
  return withFilterOptions(new Command('retry'))
    .description('run tasks again that have ended: those that ended in an error, unless named by id or --status')
    .argument('[ids...]', 'task ids; or else --user and so on')
    .option('--yes', 'do not ask before tasks are retried by --user and so on')
    .option('--json', 'print JSON lines')
    .action(async (ids: string[], options: ActOptions) => {
      finish(isById(ids, options) ? await retryById([...new Set(ids)], options) : await actByFilter('retry', options));
    });
}

/** As `POST /tasks/{id}/retry` answers. */
interface Retried {
  task_id: string;
  /** `new`: another task, with the parameters that are kept. */
  task: 'again' | 'new';
}

async function retryById(ids: readonly string[], { json }: ActOptions): Promise<number> {
  let exitCode: number = EXIT_CODE.ok;
  for (const id of ids) {
    try {
      const retried = await askWeb<Retried>('POST', `/tasks/${encodeURIComponent(id)}/retry`);
      const as = retried.task_id === id ? '' : ` as ${retried.task_id}`;
      if (json) printJson({ task_id: id, status: 'retried', as: retried.task_id });
      else
        print(
          `${styleText('green', '✔ retried')} ${visible(id)}${as}; taskwire result ${retried.task_id} --wait waits for it`,
        );
    } catch (error) {
      if (!(error instanceof WebError) || error.code !== 'web_refused') throw error;
      if (json) printJson({ task_id: id, status: 'not_retried', why: error.message });
      else print(`${styleText('red', 'not retried')} ${visible(id)}: ${visible(error.message)}`);
      exitCode = Math.max(exitCode, error.status === 404 ? EXIT_CODE.noResult : EXIT_CODE.failed);
    }
  }
  return exitCode;
}
