import { FORGET_TASK_AFTER_S } from '@taskwire/protocol';
import type { TaskStore } from '@taskwire/store';
import type { TaskQueue } from './queues.ts';
import { type JobTask, type TaskJob, type TaskView, tasksOf } from './task-job.ts';

export type WaitingState = 'running' | 'waiting' | 'delayed';

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
}

export interface Waiting {
  tasks: WaitingTask[];
  /** About how many tasks it has not looked at, since there are too many; 0 when it has found enough. */
  unseen: number;
}

const SETS = { running: ['active'], waiting: ['waiting', 'prioritized'], delayed: ['delayed'] } as const;

/** So many tasks are looked at, and so long: each may be a megabyte. */
const LOOK_AT_MOST = 2000;
const LOOK_FOR_MS = 500;
const PAGE = 50;

/** Looks through the queues, newest first in each state. */
export async function findWaiting({ queues, store, states, fits, most }: FindWaitingOptions): Promise<Waiting> {
  const deadline = performance.now() + LOOK_FOR_MS;
  const tasks: WaitingTask[] = [];
  let seen = 0;
  const isEnough = () => tasks.length >= most || seen >= LOOK_AT_MOST || performance.now() > deadline;
  for (const state of states) {
    for (const queue of queues.values()) {
      for (const set of SETS[state]) {
        for (let start = 0; !isEnough(); start += PAGE) {
          const jobs = await queue.getTaskJobs([set], start, start + PAGE - 1);
          if (jobs.length === 0) break;
          seen += jobs.length;
          const found = await Promise.all((await open(jobs, store)).map((job) => waitingTaskOf(job, state, queue)));
          tasks.push(...found.filter((task) => task !== undefined).filter(fits));
        }
      }
    }
  }
  if (tasks.length >= most) return { tasks: tasks.slice(0, most), unseen: 0 };
  const sets = states.flatMap((state) => SETS[state]);
  const counts = isEnough() ? await Promise.all([...queues.values()].map((queue) => queue.getJobCounts(...sets))) : [];
  const all = counts.flatMap((count) => Object.values(count)).reduce((sum, count) => sum + count, 0);
  return { tasks, unseen: Math.max(0, all - seen) };
}

/** Without those that have ended while others of their job go on. */
async function open(jobs: readonly (TaskJob | TaskView)[], store: FindWaitingOptions['store']) {
  const shared = jobs.filter((job) => 'shared' in job);
  if (shared.length === 0 || !store) return jobs;
  const looks = await store.look(shared.map((job) => tasksOf(job)[0]?.task_id ?? ''));
  const ended = new Set<TaskJob>();
  for (const [index, job] of shared.entries()) {
    // An open task is known for so long.
    const isOld = Date.now() - job.timestamp > FORGET_TASK_AFTER_S * 1000;
    const { jobId = isOld ? job.id : undefined, hasEnded = true } = looks[index] ?? {};
    if (hasEnded || (jobId !== job.id && jobId !== job.shared.id)) ended.add(job);
  }
  return jobs.filter((job) => !ended.has(job));
}

async function waitingTaskOf(job: TaskJob | TaskView, state: WaitingState, queue: TaskQueue) {
  const [task] = tasksOf(job);
  // Somebody else's job.
  if (!task) return undefined;
  const nextAttemptAt = state === 'delayed' ? await queue.delayedUntil(job.id as string) : undefined;
  return { task, job, state, nextAttemptAt } satisfies WaitingTask;
}
