import type { History } from '@taskwire/history';
import { findWaiting, runsOf, type TaskQueue, type WaitingTask } from '@taskwire/queue';
import type { TaskStore } from '@taskwire/store';
import type { TaskRegistry } from '@taskwire/tasks';
import { z } from 'zod';
import { summaryOfPast } from './past-task.ts';
import { invalidField } from './problem.ts';
import { fitsFilter, type SearchFilter } from './search-filter.ts';
import type { TaskPage, TaskSummary } from './task-document.ts';
import { progressOf, timeOf } from './task-reader.ts';

export interface FindTasksOptions {
  queues: ReadonlyMap<string, TaskQueue>;
  store: TaskStore;
  registry: TaskRegistry;
  history: History;
}

export interface PageOptions {
  limit: number;
  /** Of the page before. */
  cursor?: string | undefined;
  /** Goes through all of the queues: a page may be short or empty, and have a cursor. */
  whole?: boolean;
}

export type FindTasks = (filter: SearchFilter, options: PageOptions) => Promise<TaskPage>;

/** Where a page begins: behind a task that had not ended, else behind a place of the history, else at its front. */
const placeSchema = z.strictObject({
  waiting: z
    .strictObject({
      queue: z.string(),
      set: z.enum(['active', 'waiting', 'prioritized', 'delayed']),
      job: z.string(),
      at: z.number(),
      passed: z.int().min(1),
    })
    .optional(),
  past: z.union([z.tuple([z.number(), z.number()]), z.tuple([z.string(), z.string()])]).optional(),
});

/** Finds tasks: first in the queues, then in the history. @throws Problem for a cursor that is none of ours */
export function createFindTasks({ queues, store, registry, history }: FindTasksOptions): FindTasks {
  return async (filter, { limit, cursor, whole = false }) => {
    const { waiting: before, past: after } = cursor === undefined ? {} : placeOf(cursor);
    const notes: string[] = [];
    const tasks: TaskSummary[] = [];
    const page = (next?: z.output<typeof placeSchema>, lookedBackTo?: number): TaskPage => {
      const text = next && Buffer.from(JSON.stringify(next)).toString('base64url');
      return { tasks, cursor: text ?? null, looked_back_to: timeOf(lookedBackTo), note: notes.join(' ') || null };
    };

    if ((cursor === undefined || before) && filter.states.length > 0) {
      const fits = (task: WaitingTask) => fitsFilter(task, filter, registry.get(task.task.task_type));
      const found = await findWaiting({ queues, store, states: filter.states, fits, most: limit, after: before });
      tasks.push(...found.tasks.map(summaryOfWaiting));
      if (found.next && (whole || tasks.length === limit)) return page({ waiting: found.next });
      // How many others have is not for a bound token.
      const unseen = filter.strict ? 'Some' : `About ${found.unseen}`;
      if (found.unseen > 0) notes.push(`${unseen} waiting or running tasks were not looked at: too many.`);
    }
    if (!filter.ended) return page();
    if (history.off !== undefined) notes.push(history.off);
    else if (history.fault)
      notes.push(`What ended lately may be missing, since the history is not written: ${history.fault}.`);
    else if (history.isBehind) notes.push('What ended lately may be missing: the history has not read all of it yet.');
    if (history.off !== undefined) return page();
    if (tasks.length === limit) return page({});
    const { states: _states, ended: _ended, ...kept } = filter;
    const past = await history.find(kept, { limit: limit - tasks.length, after });
    // One that runs again has ended before.
    const waiting = new Set(tasks.map(({ task_id }) => task_id));
    tasks.push(...past.rows.filter(({ id, entry }) => entry !== '' || !waiting.has(id)).map(summaryOfPast));
    return page(past.next && { past: past.next }, past.lookedBackTo);
  };
}

function placeOf(cursor: string): z.output<typeof placeSchema> {
  try {
    return placeSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw invalidField('cursor', 'is not that of a page before');
  }
}

function summaryOfWaiting({ task, job, state, nextAttemptAt }: WaitingTask): TaskSummary {
  const isRunning = state === 'running';
  return {
    task_id: task.task_id,
    task_type: task.task_type,
    user_id: task.user_id,
    status: state,
    error_code: null,
    error: null,
    accepted_at: timeOf(task.acceptedAt),
    started_at: timeOf(job.processedOn),
    ended_at: null,
    next_attempt_at: timeOf(nextAttemptAt),
    attempts: runsOf(job, task).started,
    duration_ms: null,
    progress: isRunning ? progressOf(job.progress) : null,
    worker: (isRunning && job.processedBy) || null,
  };
}
