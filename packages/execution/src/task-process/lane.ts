import type { Failure } from '../attempt.ts';
import { Places } from './places.ts';
import type { Died, TaskProcess } from './task-process.ts';

/** Task processes of their own for tasks of one kind. */
export interface Lane {
  /** Tasks with the same name share them. */
  name: string;
  /** At a time, per worker. */
  processes: number;
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
}

/** What the worker keeps of a lane. */
export class LaneProcesses {
  readonly #lane: Lane;
  readonly #places: Places;
  readonly #idle = new Map<TaskProcess, NodeJS.Timeout>();

  constructor(lane: Lane) {
    this.#lane = lane;
    this.#places = new Places(lane.processes);
  }

  /** A place for a task; undefined if it should not wait for one here. @throws `signal.reason` when that is aborted first. */
  async place(signal: AbortSignal): Promise<Disposable | undefined> {
    const { waitMs } = this.#lane;
    if (waitMs === undefined) return this.#places.take(signal);
    if (this.#places.takenForMs > waitMs) return undefined;
    return this.#places.take(AbortSignal.any([signal, AbortSignal.timeout(waitMs)])).catch(() => {
      signal.throwIfAborted();
      return undefined;
    });
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
