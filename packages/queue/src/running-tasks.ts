import type { Blocked, RunningTask } from '@taskwire/monitoring';
import { type TaskJob, tasksOf } from './task-job.ts';

const NEAR_LIMIT = 0.9;
const TICK_MS = 250;
const BLOCKED_MS = 1000;
/** How long a block is told. */
const TOLD_FOR_MS = 60_000;
const MOST_TOLD = 5;

/** The tasks that a worker runs now, as far as a person should know of them. */
export class RunningTasks implements Disposable {
  readonly #limitOf: (type: string) => number | undefined;
  readonly #running = new Set<Omit<RunningTask, 'running_ms'> & { since: number }>();
  readonly #timer: NodeJS.Timeout;
  #tickedAt = performance.now();
  #blocked: (Blocked & { endedAt: number }) | undefined;

  /** @param limitOf the time limit of a task type, in ms. */
  constructor(limitOf: (type: string) => number | undefined) {
    this.#limitOf = limitOf;
    this.#timer = setInterval(() => this.#tick(performance.now()), TICK_MS).unref();
  }

  /** Counts the tasks of a job as running until its run ends. */
  async during<T>(job: TaskJob, run: () => Promise<T>): Promise<T> {
    const since = performance.now();
    const entries = tasksOf(job).map(({ task_id, task_type, timeout_ms = this.#limitOf(task_type) ?? Infinity }) => {
      return { task_id, task_type, timeout_ms, since };
    });
    for (const entry of entries) this.#running.add(entry);
    try {
      return await run();
    } finally {
      for (const entry of entries) this.#running.delete(entry);
    }
  }

  get told() {
    const now = performance.now();
    const blocked = this.#blocked && now - this.#blocked.endedAt < TOLD_FOR_MS ? this.#blocked : undefined;
    return { near_limit: this.#ranFor(({ timeout_ms }) => NEAR_LIMIT * timeout_ms, now), blocked };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** Notices afterwards that the event loop was blocked. One of those that ran all that time did it. */
  #tick(now: number): void {
    const for_ms = Math.round(now - this.#tickedAt - TICK_MS);
    this.#tickedAt = now;
    if (for_ms >= BLOCKED_MS) this.#blocked = { for_ms, tasks: this.#ranFor(() => for_ms, now), endedAt: now };
  }

  /** Those that began last first. */
  #ranFor(leastMs: (task: { timeout_ms: number }) => number, now: number): RunningTask[] {
    return [...this.#running]
      .map(({ since, ...task }) => ({ ...task, running_ms: Math.round(now - since) }))
      .filter((task) => task.running_ms >= leastMs(task))
      .slice(-MOST_TOLD)
      .reverse();
  }
}
