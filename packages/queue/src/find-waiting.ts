import { FORGET_TASK_AFTER_S } from '@taskwire/protocol';
import type { TaskStore } from '@taskwire/store';
import type { TaskQueue } from './queues.ts';
import { type JobTask, type TaskJob, type TaskView, tasksOf } from './task-job.ts';
import type { JobPlace } from './walk-jobs.ts';

export type WaitingState = 'running' | 'waiting' | 'delayed';

/** Where a search is. It holds while tasks come and go, so that the next page leaves out none that is still there. */
export interface WaitingPlace extends JobPlace {
  queue: string;
  set: (typeof SETS)[WaitingState][number];
  /** Of the tasks of the job, so many were looked at. */
  passed: number;
}

/** A task that has not ended. */
export interface WaitingTask {
  task: JobTask;
  /** Its job, or the view of it in the job that it shares. */
  job: TaskJob | TaskView;
  state: WaitingState;
  /** Of a delayed one, in ms since 1970. */
  nextAttemptAt: number | undefined;
}

export interface FindWaitingOptions {
  queues: ReadonlyMap<string, TaskQueue>;
  /** Knows which tasks have ended while others of their job go on. Without it these are found, too. */
  store?: Pick<TaskStore, 'look'>;
  /** In this order. */
  states: readonly WaitingState[];
  fits: (task: WaitingTask) => boolean;
  /** It ends when it has found so many. */
  most: number;
  /** Where the search before has ended. */
  after?: WaitingPlace | undefined;
}

export interface Waiting {
  tasks: WaitingTask[];
  /** Where to go on; undefined when it has looked at all. */
  next: WaitingPlace | undefined;
  /** About how many tasks it has not looked at, since there are too many; 0 when it has found enough. */
  unseen: number;
}

const SETS = { running: ['active'], waiting: ['waiting', 'prioritized'], delayed: ['delayed'] } as const;

/** So many tasks are looked at, and so long: each may be a megabyte. */
const LOOK_AT_MOST = 2000;
const LOOK_FOR_MS = 500;

/** Looks through the queues, newest first in each state. */
export async function findWaiting(options: FindWaitingOptions): Promise<Waiting> {
  const { queues, store, states, fits, most, after } = options;
  const deadline = performance.now() + LOOK_FOR_MS;
  const found: (WaitingTask & { place: WaitingPlace })[] = [];
  let seen = 0;
  const sets = states.flatMap((state) =>
    [...queues].flatMap(([name, queue]) => SETS[state].map((set) => ({ state, name, queue, set }))),
  );
  const start = after ? sets.findIndex(({ name, set }) => name === after.queue && set === after.set) : -1;
  for (const [index, { state, name, queue, set }] of sets.slice(Math.max(0, start)).entries()) {
    const from = index === 0 && start !== -1 ? after : undefined;
    for await (const places of queue.walk(set, from)) {
      const tasks = await Promise.all(
        places.map(async (place) =>
          (await queue.tasksIn(place.job)).map((job, before) => {
            const passed = before + 1;
            const isNew = place.job !== from?.job || passed > from.passed;
            return { job: isNew ? job : undefined, place: { ...place, queue: name, set, passed } };
          }),
        ),
      );
      const there = tasks.flat().flatMap(({ job, place }) => (job ? [{ job, place }] : []));
      seen += there.length;
      const open = await openOf(there, store);
      const withTimes = await Promise.all(
        open.map(async ({ job, place }) => {
          const task = await waitingTaskOf(job, state, queue);
          return task && { ...task, place };
        }),
      );
      found.push(...withTimes.filter((task) => task !== undefined).filter(fits));
      if (found.length > most) return { tasks: found.slice(0, most), next: found[most - 1]?.place, unseen: 0 };
      const next = tasks.flat().at(-1)?.place;
      if (next && (seen >= LOOK_AT_MOST || performance.now() > deadline)) {
        // A full page ends with what it found: where others are is not for everybody.
        return { tasks: found, next: found[most - 1]?.place ?? next, unseen: await unseenOf(options, seen) };
      }
    }
  }
  return { tasks: found, next: undefined, unseen: 0 };
}

async function unseenOf({ queues, states }: FindWaitingOptions, seen: number): Promise<number> {
  const sets = states.flatMap((state) => SETS[state]);
  const counts = await Promise.all([...queues.values()].map((queue) => queue.getJobCounts(...sets)));
  const all = counts.flatMap((count) => Object.values(count)).reduce((sum, count) => sum + count, 0);
  return Math.max(0, all - seen);
}

/** Without those that have ended while others of their job go on. */
async function openOf<T extends { job: TaskJob | TaskView }>(
  found: T[],
  store: FindWaitingOptions['store'],
): Promise<T[]> {
  const shared = found.flatMap(({ job }) => ('shared' in job ? [job] : []));
  if (shared.length === 0 || !store) return found;
  const looks = await store.look(shared.map((job) => tasksOf(job)[0]?.task_id ?? ''));
  const ended = new Set<TaskJob>();
  for (const [index, job] of shared.entries()) {
    // An open task is known for so long.
    const isOld = Date.now() - job.timestamp > FORGET_TASK_AFTER_S * 1000;
    const { jobId = isOld ? job.id : undefined, hasEnded = true } = looks[index] ?? {};
    if (hasEnded || (jobId !== job.id && jobId !== job.shared.id)) ended.add(job);
  }
  return found.filter(({ job }) => !ended.has(job));
}

async function waitingTaskOf(job: TaskJob | TaskView, state: WaitingState, queue: TaskQueue) {
  const [task] = tasksOf(job);
  // Somebody else's job.
  if (!task) return undefined;
  const nextAttemptAt = state === 'delayed' ? await queue.delayedUntil(job.id as string) : undefined;
  return { task, job, state, nextAttemptAt } satisfies WaitingTask;
}
