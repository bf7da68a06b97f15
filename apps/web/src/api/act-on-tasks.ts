import { z } from 'zod';
import type { FindTasks } from './find-tasks.ts';
import type { SearchFilter } from './search-filter.ts';
import type { RetryOutcome, TaskControl } from './task-control.ts';

export interface ActOnTasksOptions {
  find: FindTasks;
  control: TaskControl;
}

export interface Acting {
  action: 'retry' | 'cancel';
  filter: SearchFilter;
  /** Only counts. */
  dryRun: boolean;
  by: string;
  cursor?: string | undefined;
}

/** What became of the tasks of a filter. */
export const actedSchema = z.object({
  matched: z.int().describe('Tasks that were looked at in this step'),
  done: z.int(),
  not_done: z.record(z.string(), z.int()).describe('Why the others were left as they are, and how many'),
  left: z.int().describe('Tasks that the filter finds beyond this step, counted up to 10,000'),
  cursor: z.string().nullable().describe('Where the next step begins; null: at the front, if any are left'),
});

export type Acted = z.infer<typeof actedSchema>;

/** Tasks that one request acts on. */
const STEP = 1000;
const COUNTED = 10_000;
const AT_A_TIME = 16;

type Outcome = Awaited<ReturnType<TaskControl['cancel']>> | RetryOutcome;

/** Retries or cancels the tasks that a filter finds: to retry, those that have ended, in an error unless the filter says otherwise. */
export function createActOnTasks({ find, control }: ActOnTasksOptions): (acting: Acting) => Promise<Acted> {
  return async ({ action, filter, dryRun, by, cursor }) => {
    const narrowed: SearchFilter =
      action === 'cancel'
        ? { ...filter, ended: false }
        : { ...filter, states: [], status: filter.status ?? 'error', tasksOnly: true };
    const page = await find(narrowed, { limit: STEP, cursor });
    const rest = page.cursor === null ? [] : (await find(narrowed, { limit: COUNTED, cursor: page.cursor })).tasks;
    const ids = page.tasks.flatMap(({ task_id }) => task_id ?? []);
    const acted: Acted = { matched: ids.length, done: 0, not_done: {}, left: rest.length, cursor: page.cursor };
    if (dryRun) return acted;
    for (let start = 0; start < ids.length; start += AT_A_TIME) {
      const outcomes = await Promise.all(ids.slice(start, start + AT_A_TIME).map((id) => control[action](id, by)));
      for (const reason of outcomes.map(reasonOf)) {
        if (reason === undefined) acted.done += 1;
        else acted.not_done[reason] = (acted.not_done[reason] ?? 0) + 1;
      }
    }
    // Those that are cancelled leave their queues, and others take their places.
    return action === 'cancel' ? { ...acted, cursor: null } : acted;
  };
}

/** Undefined when it was done. */
function reasonOf(outcome: Outcome): string | undefined {
  switch (outcome.status) {
    case 'asked':
    case 'again':
    case 'new':
      return undefined;
    case 'retried':
      return 'It was retried already, as a new task.';
    case 'not_kept':
      return outcome.why;
    case 'refused':
      return outcome.rejection.error;
    default:
      return REASONS[outcome.status];
  }
}

const REASONS = {
  ended: 'It has ended.',
  not_ended: 'It has not ended.',
  unknown: 'It is not known any more.',
  no_room: 'Too much is waiting (processor.max_buffered_bytes).',
  unavailable: 'Redis does not answer.',
} as const;
