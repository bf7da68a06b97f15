import { countedInWords } from '@taskwire/monitoring';
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
  left: number;
  cursor: string | null;
}

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
  const { matched, left } = await askWeb<Acted>('POST', '/task-actions', { ...about, dry_run: true });
  const count = matched + left;
  if (count > 0 && !(await confirm(`${action} ${countedInWords(count, 'task')} (${filterInWords(options)})?`, yes))) {
    return EXIT_CODE.failed;
  }
  const sum: Pick<Acted, 'done' | 'not_done'> = { done: 0, not_done: {} };
  for (let cursor: string | null | undefined = count > 0 ? undefined : null; cursor !== null; ) {
    const acted: Acted = await askWeb<Acted>('POST', '/task-actions', { ...about, ...(cursor && { cursor }) });
    sum.done += acted.done;
    for (const [why, times] of Object.entries(acted.not_done)) sum.not_done[why] = (sum.not_done[why] ?? 0) + times;
    // Cancelled tasks leave their queues, so the rest is at the front.
    cursor = acted.cursor ?? (action === 'cancel' && acted.left > 0 && acted.done > 0 ? undefined : null);
  }
  if (json) printJson({ action, ...sum });
  else {
    print(`${action === 'retry' ? 'retried' : 'cancelled'}: ${countedInWords(sum.done, 'task')}`);
    for (const [why, times] of Object.entries(sum.not_done)) {
      print(`left as ${times === 1 ? 'it is' : 'they are'}: ${countedInWords(times, 'task')}. ${visible(why)}`);
    }
  }
  return Object.keys(sum.not_done).length > 0 ? EXIT_CODE.failed : EXIT_CODE.ok;
}
