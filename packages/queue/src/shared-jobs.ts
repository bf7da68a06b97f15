import { setTimeout as delay } from 'node:timers/promises';
import type { TaskRequest } from '@taskwire/protocol';
import type { TaskStore } from '@taskwire/store';
import type { TaskDefinition } from '@taskwire/tasks';
import type { TaskQueue } from './queues.ts';
import { isShared, jobFor, type NewTaskJob, newJobId, newSharedJobId, ownJobId, sharedJobFor } from './task-job.ts';

/** A request on its way to its queue. */
export interface ToEnqueue {
  request: TaskRequest;
  definition: Pick<TaskDefinition, 'queue' | 'batch' | 'isolated'>;
  /** Of its message, in bytes. */
  size: number;
}

/** Larger ones go alone: each job is read whole. */
const MAX_LIGHT_BYTES = 16 * 1024;

/** How long a processor may take between admitting tasks and adding their job; then it is dead, or as good as that. */
const ADDED_WITHIN_MS = 1000;

/**
 * The id of the job for each task. Light tasks of a queue share jobs, because most of what a task costs is done for its job
 * (docs/performance.md).
 *
 * @param most tasks that may share a job.
 */
export function planJobs(tasks: readonly ToEnqueue[], { most, nowMs }: { most: number; nowMs: number }): string[] {
  const jobIds = new Array<string>(tasks.length);
  const light = new Map<string, number[]>();
  for (const [index, task] of tasks.entries()) {
    const { queue } = task.definition;
    if (!isLight(task)) continue;
    const indices = light.get(queue);
    if (indices) indices.push(index);
    else light.set(queue, [index]);
  }
  for (const indices of light.values()) {
    const size = Math.ceil(indices.length / Math.ceil(indices.length / most));
    for (let start = 0; size > 1 && start < indices.length; start += size) {
      const jobId = newSharedJobId(nowMs);
      for (const index of indices.slice(start, start + size)) jobIds[index] = jobId;
    }
  }
  return tasks.map(({ request }, index) => jobIds[index] ?? newJobId(request.task_id, nowMs));
}

/** Whether nothing about the task needs a job of its own. */
function isLight({ request, definition, size }: ToEnqueue): boolean {
  const { priority, delay_ms, attempts, traceparent } = request;
  const isPlain = (priority ?? delay_ms ?? attempts ?? traceparent) === undefined;
  return isPlain && definition.batch && !definition.isolated && size <= MAX_LIGHT_BYTES;
}

/** The jobs to add to a queue, with the tasks of each. */
export class NewJobs {
  readonly #jobs: NewTaskJob[] = [];
  /** The requests by task of each shared job: asking twice in a batch is asking once. */
  readonly #shared = new Map<string, Map<string, TaskRequest>>();

  add(request: TaskRequest, jobId: string, traceparent?: string): void {
    if (!isShared(jobId)) this.#jobs.push(jobFor(request, jobId, traceparent));
    else this.#shared.set(jobId, (this.#shared.get(jobId) ?? new Map()).set(request.task_id, request));
  }

  get sharedIds(): string[] {
    return [...this.#shared.keys()];
  }

  get all(): NewTaskJob[] {
    return [...this.#jobs, ...[...this.#shared].map(([jobId, tasks]) => sharedJobFor([...tasks.values()], jobId))];
  }
}

export interface AddedElsewhereOptions {
  queue: Pick<TaskQueue, 'getJobState' | 'addBulk'>;
  store: Pick<TaskStore, 'look' | 'move'>;
  /** A shared job that another processor is about to add, or has added. */
  jobId: string;
  /** Some of its tasks: half of a job must not be added under its id. */
  requests: readonly TaskRequest[];
}

/** Resolves when these tasks are durable. If the other processor has died, they get jobs of their own. */
export async function addedElsewhere({ queue, store, jobId, requests }: AddedElsewhereOptions): Promise<void> {
  for (let waitMs = 1; waitMs < ADDED_WITHIN_MS; waitMs *= 2) {
    if ((await queue.getJobState(jobId)) !== 'unknown') return;
    await delay(waitMs);
  }
  const ids = requests.map(({ task_id }) => task_id);
  const looks = await store.look(ids);
  const open = new Map(ids.filter((_, index) => !looks[index]?.hasEnded).map((id) => [id, ownJobId(id, jobId)]));
  if (open.size === 0) return;
  const moved = new Set(await store.move(jobId, open));
  const taken = requests.filter(({ task_id }) => moved.has(task_id));
  await queue.addBulk(taken.map((request) => jobFor(request, ownJobId(request.task_id, jobId))));
}
