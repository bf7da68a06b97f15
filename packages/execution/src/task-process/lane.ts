import { type AttemptOutcome, type Failure, failed } from '../attempt.ts';
import { waitedTooLong } from '../failure-of.ts';
import type { RunHereContext } from '../run-here.ts';
import { Places } from './places.ts';
import type { Died, TaskProcess } from './task-process.ts';

/** Tasks of one kind: so many at a time, in task processes of their own. */
export interface Lane {
  /** Tasks with the same name share them. */
  name: string;
  /** At a time, per worker. */
  processes: number;
  /** That they run in the worker all the same, unless a task must not. Default: false. */
  isHere?: boolean;
  /** A process that has nothing to do ends after this time. */
  idleMs: number;
  /** How long a task may take to end after its signal; then its process is killed. */
  killAfterMs: number;
  /** Resident memory beyond which a process ends; one that keeps half of it is not used again. Default: no limit. */
  maxBytes?: number;
  /** The error of a task under which a process died; it is not run again. Default: `worker_lost`. */
  errorOf?: (death: Died) => Error;
  /** Whether a task that failed so may have left its process busy or broken: then it ends. */
  isSpoiltBy?: (failure: Failure) => boolean;
  /**
   * How long a task waits for a place, since it keeps one of the worker's. After that, or at once if none was given out for as
   * long, it goes back to the queue. Default: no limit.
   */
  waitMs?: number;
  /** How long it waits in all, if that is less than its time limit. Default: as long as that. */
  limitMs?: number | undefined;
  /** What it waits for, in words. */
  waitsFor?: string;
}

const BACK_IN_QUEUE_MS = 1000;
/** A task that was not seen for as long is another worker's, or has ended. */
const FORGET_AFTER_MS = 60_000;

export type WaitContext = Pick<RunHereContext, 'signal' | 'timeoutMs' | 'progress'>;

/** What the worker keeps of a lane. */
export class LaneProcesses {
  readonly #lane: Lane;
  readonly #places: Places;
  readonly #idle = new Map<TaskProcess, NodeJS.Timeout>();
  /** How long tasks have waited for a place here, those seen last at the end. Their time in the queue does not count. */
  readonly #waited = new Map<string, { ms: number; seenAt: number }>();

  constructor(lane: Lane) {
    this.#lane = lane;
    this.#places = new Places(lane.processes);
  }

  /**
   * A place for a task; or how its run ends, if it should not wait here any longer.
   *
   * @throws `signal.reason` when that is aborted first.
   */
  async place(taskId: string, context: WaitContext): Promise<Disposable | AttemptOutcome> {
    const { signal, timeoutMs, progress } = context;
    const { waitMs, limitMs = timeoutMs, waitsFor = 'a place' } = this.#lane;
    if (waitMs === undefined) return this.#places.take(signal);
    const mostMs = Math.min(limitMs, timeoutMs);
    const before = this.#waited.get(taskId)?.ms;
    const begun = performance.now();
    this.#waited.delete(taskId);
    if (this.#places.takenForMs <= waitMs) {
      const hereMs = Math.max(0, Math.min(waitMs, Math.ceil(mostMs - (before ?? 0))));
      const place = await this.#places
        .take(AbortSignal.any([signal, AbortSignal.timeout(hereMs)]))
        .catch(() => undefined);
      if (place && before !== undefined) progress(0, `waited ${Math.round(before / 1000)} s for ${waitsFor}`);
      if (place) return place;
      signal.throwIfAborted();
    }
    const seenAt = performance.now();
    const waited = (before ?? 0) + seenAt - begun;
    if (waited >= mostMs) return failed(waitedTooLong(mostMs, waitsFor));
    if (before === undefined) progress(0, `waits for ${waitsFor}`);
    for (const [id, other] of this.#waited) if (seenAt - other.seenAt > FORGET_AFTER_MS) this.#waited.delete(id);
    this.#waited.set(taskId, { ms: waited + BACK_IN_QUEUE_MS, seenAt });
    return { status: 'returned', delayMs: BACK_IN_QUEUE_MS };
  }

  get idle(): TaskProcess[] {
    return [...this.#idle.keys()];
  }

  /** The one that was used last, so that the others may end. */
  takeIdle(): TaskProcess | undefined {
    for (const child of this.idle.reverse()) {
      clearTimeout(this.#idle.get(child));
      this.#idle.delete(child);
      if (child.isUsable) return child;
    }
    return undefined;
  }

  keep(child: TaskProcess): void {
    if (child.isUsable) this.#idle.set(child, setTimeout(() => void this.#end(child), this.#lane.idleMs).unref());
  }

  async #end(child: TaskProcess): Promise<void> {
    this.#idle.delete(child);
    // What it holds, the next process may need.
    using _place = await this.#places.take(new AbortController().signal);
    await child.end();
  }
}
