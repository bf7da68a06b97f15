import { countedInWords, countInWords } from '@taskwire/monitoring/status';
import { askWeb } from './ask-web.ts';
import { UsageError } from './command-error.ts';
import { confirm } from './confirm.ts';
import { EXIT_CODE } from './exit-code.ts';
import { type FilterOptions, filterInWords, filterOf } from './filter-options.ts';
import { print, printJson } from './output/print.ts';
import { visible } from './output/terminal-text.ts';

export interface ActOptions extends FilterOptions {
  yes?: boolean;
  json?: boolean;
}

/** As `POST /task-actions` answers. */
interface Acted {
  matched: number;
  done: number;
  not_done: Record<string, number>;
  new_ids: { task_id: string; as: string }[];
  cursor: string | null;
}

/** A longer count would keep people waiting. */
const COUNTED = 10_000;

/** Tasks that are named. */
const NAMED = 20;

/** Whether tasks are named by their ids. @throws UsageError unless they are named in one of the two ways */
export function isById(ids: readonly string[], options: FilterOptions): boolean {
  const hasFilter = Object.keys(filterOf(options)).length > 0;
  if (ids.length > 0 && hasFilter)
    throw new UsageError('Name the tasks by their ids or by --user and so on, not both.');
  if (ids.length === 0 && !hasFilter)
    throw new UsageError('Name the tasks: by their ids, or by --user, --type, --status, …');
  return ids.length > 0;
}

/** Retries or cancels all tasks that a filter finds: asks first, and says what became of them. @returns the exit code */
export async function actByFilter(action: 'retry' | 'cancel', options: ActOptions): Promise<number> {
  const { yes, json } = options;
  const about = { action, filter: filterOf(options) };
  let count = 0;
  for await (const { matched } of steps({ ...about, dry_run: true })) {
    count += matched;
    if (count >= COUNTED) break;
  }
  const tasks = count < COUNTED ? countedInWords(count, 'task') : `${countInWords(count)} tasks or more`;
  if (count > 0 && !(await confirm(`${action} ${tasks} (${filterInWords(options)})?`, yes))) return EXIT_CODE.failed;
  const sum: Pick<Acted, 'done' | 'not_done' | 'new_ids'> = { done: 0, not_done: {}, new_ids: [] };
  for await (const { done, not_done, new_ids } of count > 0 ? steps(about) : []) {
    sum.done += done;
    sum.new_ids.push(...new_ids);
    for (const [why, times] of Object.entries(not_done)) sum.not_done[why] = (sum.not_done[why] ?? 0) + times;
  }
  if (json) printJson({ action, ...sum });
  else {
    print(`${action === 'retry' ? 'retried' : 'cancelled'}: ${countedInWords(sum.done, 'task')}`);
    for (const { task_id, as } of sum.new_ids.slice(0, NAMED)) print(`${visible(task_id)} as ${as}`);
    const more = sum.new_ids.length - NAMED;
    if (more > 0) print(`and ${countedInWords(more, 'more task')} under new ids; --json names all`);
    for (const [why, times] of Object.entries(sum.not_done)) {
      print(`left as ${times === 1 ? 'it is' : 'they are'}: ${countedInWords(times, 'task')}. ${visible(why)}`);
    }
  }
  return Object.keys(sum.not_done).length > 0 ? EXIT_CODE.failed : EXIT_CODE.ok;
}

/** The server acts on some at a time. */
async function* steps(asked: object): AsyncGenerator<Acted> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const acted: Acted = await askWeb<Acted>('POST', '/task-actions', { ...asked, ...(cursor && { cursor }) });
    yield acted;
    cursor = acted.cursor;
  }
}
