import type { Blocked, RunningTask } from '@taskwire/monitoring';
import { type AcceptedTask, Roster } from '@taskwire/store';

const NEAR_LIMIT = 0.9;
const TICK_MS = 250;
/** A busy machine delays every process for a second or two. */
const BLOCKED_MS = 3000;
/** How long a block is told. */
const TOLD_FOR_MS = 60_000;
const MOST_TOLD = 5;

type EnteredTask = Pick<AcceptedTask, 'task_id' | 'task_type' | 'timeout_ms'>;
type Entry = Omit<RunningTask, 'running_ms'> & { since: number; place: number };

/** The tasks that a worker runs now, as far as a person should know of them. */
export class RunningTasks implements Disposable {
  readonly #limitOf: (type: string) => number | undefined;
  readonly #running = new Roster<Entry>();
  /** Since the last tick: one that blocks often ends at once when it is done. */
  #justEnded: Entry[] = [];
  #timer: NodeJS.Timeout | undefined;
  #tickedAt = performance.now();
  #blocked: (Blocked & { endedAt: number }) | undefined;

  /** @param limitOf the time limit of a task type, in ms. */
  constructor(limitOf: (type: string) => number | undefined) {
    this.#limitOf = limitOf;
  }

  /** Counts a task as running until it leaves. */
  enter({ task_id, task_type, timeout_ms = this.#limitOf(task_type) ?? Infinity }: EnteredTask): Entry {
    const entry = { task_id, task_type, timeout_ms, since: performance.now(), place: 0 };
    if (!this.#timer) this.#start(entry.since);
    this.#running.enter(entry);
    return entry;
  }

  leave(entry: Entry): void {
    this.#running.leave(entry);
    if (performance.now() - entry.since >= BLOCKED_MS) this.#justEnded.push(entry);
  }

  get told() {
    const now = performance.now();
    const blocked = this.#blocked && now - this.#blocked.endedAt < TOLD_FOR_MS ? this.#blocked : undefined;
    const near_limit = ranFor(this.#running, ({ timeout_ms }) => NEAR_LIMIT * timeout_ms, now);
    return { near_limit, blocked };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #start(now: number): void {
    this.#tickedAt = now;
    this.#timer = setInterval(() => this.#tick(performance.now()), TICK_MS).unref();
  }

  /** Notices afterwards that the event loop was blocked. One of those that ran all that time did it; else it was no task. */
  #tick(now: number): void {
    const for_ms = Math.round(now - this.#tickedAt - TICK_MS);
    this.#tickedAt = now;
    const tasks = for_ms < BLOCKED_MS ? [] : ranFor([...this.#justEnded, ...this.#running], () => for_ms, now);
    if (tasks.length > 0) this.#blocked = { for_ms, tasks, endedAt: now };
    this.#justEnded = [];
    if (this.#running.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** Those that began last first. */
function ranFor(entries: Iterable<Entry>, leastMs: (task: Entry) => number, now: number): RunningTask[] {
  return [...entries]
    .filter((entry) => now - entry.since >= leastMs(entry))
    .map(({ since, ...task }) => ({ ...task, running_ms: Math.round(now - since) }))
    .slice(-MOST_TOLD)
    .reverse();
}
