import { z } from 'zod';
import type { FindTasks } from './find-tasks.ts';
import type { SearchFilter } from './search-filter.ts';
import type { RetryOutcome, TaskControl } from './task-control.ts';

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
  new_ids: z
    .array(z.strictObject({ task_id: z.string(), as: z.string() }))
    .describe('Tasks whose job was gone: what they run as'),
  left: z.int().describe('Tasks that the filter finds beyond this step, counted up to 10,000, for 2 s'),
  cursor: z
    .string()
    .nullable()
    .describe('Where the next step begins, also if this one has found none; null: there is none'),
});

export type Acted = z.infer<typeof actedSchema>;

/** Tasks that one request acts on. */
const STEP = 1000;
const COUNTED = 10_000;
const GATHER_MS = 2000;
const AT_A_TIME = 16;

type Outcome = Awaited<ReturnType<TaskControl['cancel']>> | RetryOutcome;

/** Retries or cancels the tasks that a filter finds: to retry, those that have ended, in an error unless the filter says otherwise. */
export function createActOnTasks(find: FindTasks, control: TaskControl): (acting: Acting) => Promise<Acted> {
  return async ({ action, filter, dryRun, by, cursor }) => {
    const narrowed: SearchFilter =
      action === 'cancel'
        ? // A task that goes on meanwhile, from delayed to running, is met later.
          { ...filter, states: filter.states.toReversed(), ended: false }
        : { ...filter, states: [], status: filter.status ?? 'error', tasksOnly: true };
    const step = await gather(narrowed, STEP, cursor);
    const { ids } = step;
    const left = step.cursor === null ? 0 : (await gather(narrowed, COUNTED, step.cursor)).ids.length;
    const acted: Acted = { matched: ids.length, done: 0, not_done: {}, new_ids: [], left, cursor: step.cursor };
    if (dryRun) return acted;
    for (let start = 0; start < ids.length; start += AT_A_TIME) {
      const some = ids.slice(start, start + AT_A_TIME);
      const outcomes: Outcome[] = await Promise.all(some.map((id) => control[action](id, by)));
      for (const [index, outcome] of outcomes.entries()) {
        const reason = reasonOf(outcome);
        if (outcome.status === 'new') acted.new_ids.push({ task_id: some[index] as string, as: outcome.taskId });
        if (reason === undefined) acted.done += 1;
        else acted.not_done[reason] = (acted.not_done[reason] ?? 0) + 1;
      }
    }
    return acted;
  };

  /** So many tasks, or as many as are found in time. */
  async function gather(filter: SearchFilter, most: number, from: string | undefined) {
    const deadline = performance.now() + GATHER_MS;
    const ids = new Set<string>();
    let cursor = from ?? null;
    do {
      const page = await find(filter, { limit: most - ids.size, cursor: cursor ?? undefined, whole: true });
      for (const { task_id } of page.tasks) if (task_id !== null) ids.add(task_id);
      cursor = page.cursor;
    } while (cursor !== null && ids.size < most && performance.now() < deadline);
    return { ids: [...ids], cursor };
  }
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
