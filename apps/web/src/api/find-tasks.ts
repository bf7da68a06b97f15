import type { History, KeptSummary } from '@taskwire/history';
import { findWaiting, type TaskQueue, type WaitingTask } from '@taskwire/queue';
import type { TaskStore } from '@taskwire/store';
import type { TaskRegistry } from '@taskwire/tasks';
import { fitsFilter, type SearchFilter } from './search-filter.ts';
import type { TaskPage, TaskSummary } from './task-document.ts';

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
}

export type FindTasks = (filter: SearchFilter, options: PageOptions) => Promise<TaskPage>;

/** Where a page begins: behind so many tasks that have not ended, or at a place of the history. */
type Place = { waiting: number } | { past: string | undefined };

/** Finds tasks: first in the queues, then in the history. @throws TypeError for a cursor that is none of ours */
export function createFindTasks({ queues, store, registry, history }: FindTasksOptions): FindTasks {
  return async (filter, { limit, cursor }) => {
    const place = placeOf(cursor);
    const notes: string[] = [];
    const tasks: TaskSummary[] = [];
    const page = (next: string | null, lookedBackTo: string | null = null): TaskPage => {
      return { tasks, cursor: next, looked_back_to: lookedBackTo, note: notes.join(' ') || null };
    };

    if ('waiting' in place && filter.states.length > 0) {
      const fits = (task: WaitingTask) => fitsFilter(task, filter, registry.get(task.task.task_type));
      const end = place.waiting + limit;
      const found = await findWaiting({ queues, store, states: filter.states, fits, most: end + 1 });
      tasks.push(...found.tasks.slice(place.waiting, end).map(summaryOfWaiting));
      if (found.unseen > 0) notes.push(`About ${found.unseen} waiting or running tasks were not looked at: too many.`);
      if (found.tasks.length > end) return page(`w${end}`);
    }
    if (!filter.ended) return page(null);
    if (history.off !== undefined) {
      notes.push(history.off);
      return page(null);
    }
    if (tasks.length === limit) return page('h');
    const { states: _states, ended: _ended, ...kept } = filter;
    const past = await history.find(kept, {
      limit: limit - tasks.length,
      cursor: 'past' in place ? place.past : undefined,
    });
    // One that runs again has ended before.
    const waiting = new Set(tasks.map(({ task_id }) => task_id));
    tasks.push(...past.tasks.filter(({ task_id }) => !waiting.has(task_id)).map(summaryOfPast));
    return page(past.cursor === null ? null : `h${past.cursor}`, past.lookedBackTo);
  };
}

function placeOf(cursor: string | undefined): Place {
  const [, kind, rest] = /^([wh])(.*)$/.exec(cursor ?? 'w0') ?? [];
  if (kind === 'h') return { past: rest || undefined };
  if (kind !== 'w' || !/^\d{1,9}$/.test(rest ?? '')) throw new TypeError('is not the cursor of a page before');
  return { waiting: Number(rest) };
}

export function summaryOfPast({ error_code, ...task }: KeptSummary): TaskSummary {
  return { ...task, error_code: error_code as TaskSummary['error_code'], next_attempt_at: null, progress: null };
}

function summaryOfWaiting({ task, state, progress, ...at }: WaitingTask): TaskSummary {
  const time = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString());
  return {
    task_id: task.task_id,
    task_type: task.task_type,
    user_id: task.user_id,
    status: state,
    error_code: null,
    error: null,
    accepted_at: time(at.acceptedAt),
    started_at: time(at.startedAt),
    ended_at: null,
    next_attempt_at: time(at.nextAttemptAt),
    attempts: at.attempts,
    duration_ms: null,
    progress: progress ? { ...progress, progress: progress.progress / 100 } : null,
    worker: at.worker ?? null,
  };
}
