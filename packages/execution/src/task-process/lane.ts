import { Places } from '@taskwire/service/places';
import type { Program } from '@taskwire/tasks';
import { type AttemptHost, type Failure, failed } from '@taskwire/tasks/running';
import type { AttemptOutcome } from '../attempt.ts';
import { waitedTooLong } from '../failures.ts';
import type { Died } from './died.ts';
import type { TaskProcess } from './task-process.ts';

/** Tasks of one kind: so many at a time, in task processes of their own. */
export interface Lane {
  /** Tasks with the same name share them. */
  name: string;
  /** At a time, per worker. */
  processes: number;
  /** What runs them. Default: our own runner of handlers. */
  program?: Program;
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
   * How long a task waits for a place, since it keeps one of the worker's: one task at a time, that which has waited longest. All
   * others go back to the queue at once, and so does that one if no place was given out for as long. Default: all wait.
   */
  waitMs?: number;
  /** How long it waits in all, if that is less than its time limit. Default: as long as that. */
  limitMs?: number | undefined;
  /** What it waits for, in words. */
  waitsFor?: string;
}

/** A task in the queue comes again when half of those before it have had their turn, but within this time. */
const BACK_IN_QUEUE_MS = { least: 250, most: 10_000 };
/** A task that was not seen for as long is another worker's, or has ended. */
const FORGET_AFTER_MS = 60_000;

export type WaitContext = Pick<AttemptHost, 'signal' | 'timeoutMs' | 'progress'>;

interface Waiting {
  /** In all, here and in the queue. */
  waitedMs: number;
  /** `performance.now()` when it was here last. */
  seenAt: number;
  isTold: boolean;
}

/** What the worker keeps of a lane. */
export class LaneProcesses {
  readonly #lane: Lane;
  readonly #places: Places;
  readonly #idle = new Map<TaskProcess, NodeJS.Timeout>();
  /** The tasks that have waited here, those that came first at the beginning. */
  readonly #waiting = new Map<string, Waiting>();
  /** The one that waits here now. */
  #next: { taskId: string; leave: () => void } | undefined;
  /** About how often a place is given out. */
  #paceMs = 0;
  #givenAt = performance.now();

  constructor(lane: Lane) {
    this.#lane = lane;
    this.#places = new Places(lane.processes);
  }

  /**
   * A place for a task; or how its run ends, if it should not wait here any longer.
   *
   * @throws `signal.reason` when that is aborted first.
   */
  async place(taskId: string, { signal, timeoutMs, progress }: WaitContext): Promise<Disposable | AttemptOutcome> {
    const { waitMs, limitMs = timeoutMs, waitsFor = 'a place' } = this.#lane;
    if (waitMs === undefined) return this.#places.take(signal);
    const mostMs = Math.min(limitMs, timeoutMs);
    const begunAt = performance.now();
    const task = this.#waiting.get(taskId) ?? { waitedMs: 0, seenAt: begunAt, isTold: false };
    this.#waiting.set(taskId, task);
    const isNext = this.#places.takenForMs <= waitMs && this.#isNext(taskId);
    if (isNext) {
      const place = await this.#wait(taskId, Math.min(waitMs, Math.ceil(mostMs - task.waitedMs)), signal);
      if (place && task.isTold) progress(0, `waited ${Math.round(task.waitedMs / 1000)} s for ${waitsFor}`);
      if (place) return place;
    }
    task.seenAt = performance.now();
    task.waitedMs += task.seenAt - begunAt;
    if (task.waitedMs >= mostMs) {
      this.#waiting.delete(taskId);
      return failed(waitedTooLong(mostMs, waitsFor));
    }
    if (!task.isTold) progress(0, `waits for ${waitsFor}`);
    task.isTold = true;
    const delayMs = this.#delayOf(taskId, task.seenAt);
    task.waitedMs += delayMs;
    return { status: 'returned', delayMs };
  }

  /** Whether it may wait here: one that has waited longer takes the place of another. */
  #isNext(taskId: string): boolean {
    if (this.#places.takenForMs === 0 || !this.#next) return true;
    const older = [...this.#waiting.keys()].find((id) => id === taskId || id === this.#next?.taskId);
    if (older !== taskId) return false;
    this.#next.leave();
    return true;
  }

  async #wait(taskId: string, ms: number, signal: AbortSignal): Promise<Disposable | undefined> {
    const leaving = new AbortController();
    const own = { taskId, leave: () => leaving.abort() };
    this.#next = own;
    try {
      const place = await this.#places.take(
        AbortSignal.any([signal, leaving.signal, AbortSignal.timeout(Math.max(0, ms))]),
      );
      const now = performance.now();
      this.#paceMs += (now - this.#givenAt - this.#paceMs) / 4;
      this.#givenAt = now;
      this.#waiting.delete(taskId);
      return place;
    } catch {
      if (signal.aborted) this.#waiting.delete(taskId);
      signal.throwIfAborted();
      return undefined;
    } finally {
      if (this.#next === own) this.#next = undefined;
    }
  }

  /** The more have come before it, the later it comes again. */
  #delayOf(taskId: string, now: number): number {
    let before = 0;
    for (const [id, { seenAt }] of this.#waiting) {
      if (id === taskId) break;
      if (now - seenAt > FORGET_AFTER_MS) this.#waiting.delete(id);
      else before += 1;
    }
    return Math.min(Math.max((before * this.#paceMs) / 2, BACK_IN_QUEUE_MS.least), BACK_IN_QUEUE_MS.most);
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
