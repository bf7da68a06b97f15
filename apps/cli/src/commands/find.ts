import { styleText } from 'node:util';
import { plainUserId, type UserId } from '@taskwire/protocol';
import { Command } from 'commander';
import { askWeb } from '../ask-web.ts';
import { UsageError } from '../command-error.ts';
import { type FilterOptions, filterOf, withFilterOptions } from '../filter-options.ts';
import { print, printJson } from '../output/print.ts';
import { visible } from '../output/terminal-text.ts';
import { cut } from '../output/text-width.ts';

/** As `GET /tasks` answers. */
interface Page {
  tasks: FoundTask[];
  cursor: string | null;
  looked_back_to: string | null;
  note: string | null;
}

interface FoundTask {
  task_id: string | null;
  task_type: string | null;
  user_id: UserId;
  status: string;
  error_code: string | null;
  error: string | null;
  accepted_at: string | null;
  ended_at: string | null;
  duration_ms: number | null;
}

const MAX_PAGE = 200;
const ERROR_WIDTH = 60;
const TYPE_WIDTH = 24;

export function findCommand(): Command {
  return withFilterOptions(new Command('find'))
    .description('find tasks: running and waiting ones first, then those that have ended')
    .option('--id <id>', 'a task id, or how it begins')
    .option('--limit <n>', 'most tasks', '50')
    .option('--json', 'print JSON lines')
    .action(async (options: FilterOptions & { id?: string; limit: string }, command: Command) => {
      if (!/^[1-9]\d{0,6}$/.test(options.limit)) throw new UsageError('--limit takes a whole number of at least 1.');
      // `--json` is also an option of `tasks`, which takes it anywhere.
      await find(options, Number(options.limit), Boolean(command.optsWithGlobals().json));
    });
}

async function find(options: FilterOptions & { id?: string }, limit: number, json: boolean): Promise<void> {
  let [shown, cursor]: [number, string | null] = [0, ''];
  const notes = new Set<string>();
  while (cursor !== null && shown < limit) {
    const query = new URLSearchParams({
      ...filterOf(options),
      ...(options.id !== undefined && { id: options.id }),
      limit: String(Math.min(limit - shown, MAX_PAGE)),
      ...(cursor && { cursor }),
    });
    const page: Page = await askWeb<Page>('GET', `/tasks?${query}`);
    for (const task of page.tasks) {
      if (json) printJson(task);
      else print(lineOf(task));
    }
    shown += page.tasks.length;
    cursor = page.cursor;
    if (page.note !== null) notes.add(page.note);
    // Its time was up: the next page goes on from there.
    if (page.looked_back_to !== null && process.stderr.isTTY) {
      process.stderr.write(`looked back to ${page.looked_back_to}, and looking on; Ctrl-C ends it\n`);
    }
  }
  if (shown === 0 && !json) notes.add('No task fits.');
  if (cursor !== null) notes.add(`There may be more: --limit ${limit * 10} shows more of them.`);
  for (const note of notes) process.stderr.write(`${note}\n`);
}

function lineOf({ task_id, task_type, user_id, status, error_code, error, ...at }: FoundTask): string {
  const colour = status === 'error' ? 'red' : status === 'completed' ? 'green' : 'yellow';
  const time = (at.ended_at ?? at.accepted_at ?? '').replace('T', ' ').replace(/\.\d+/, '');
  const type = visible(task_type ?? '(no task type)');
  const words = [
    styleText('dim', time),
    styleText(colour, (error_code ?? status).padEnd(11)),
    cut(type, TYPE_WIDTH).padEnd(TYPE_WIDTH),
    visible(task_id ?? '(no task id)').padEnd(36),
    user_id === null ? '' : `user ${visible(String(plainUserId(user_id)))}`,
    at.duration_ms === null ? '' : `${Math.round(at.duration_ms)} ms`,
    error === null ? '' : cut(visible(error), ERROR_WIDTH),
  ];
  return words.filter(Boolean).join('  ');
}
