import { Places } from '@taskwire/service/places';

/** A task goes back to its queue, as another worker may have a place for it, when none was given here from one look to the next. */
const LOOK_INTERVAL_MS = 100;

/** And when it has waited for so many. */
const MOST_LOOKS = 5;

/** What a job has of its worker. */
export interface JobSeats {
  /** Waits for a place for one of its tasks. Resolves with undefined if none was free in time. */
  take: () => Promise<Disposable | undefined>;
  /** One of its tasks is no longer here. */
  done: () => void;
}

/** The places of a worker, one for each task that runs, and the tasks that it holds. A job may have several. */
export class WorkerSeats {
  readonly #places: Places;
  readonly #count: number;
  /** How many tasks each job has here. */
  readonly #tasks = new Map<object, number>();
  #held = 0;

  constructor(count: number) {
    this.#count = count;
    this.#places = new Places(count);
  }

  get running(): number {
    return this.#count - this.#places.free;
  }

  get isFull(): boolean {
    return this.#held >= this.#count;
  }

  /** How many jobs the worker may have at a time: those that it has, and one for each free place, as it may have one task. */
  get maxJobs(): number {
    return Math.max(1, this.#tasks.size + Math.max(0, this.#count - this.#held));
  }

  add(job: object, tasks: number): void {
    this.#tasks.set(job, tasks);
    this.#held += tasks;
  }

  /** @param onRoom called when a place becomes free for another job. */
  of(job: object, onRoom: () => void): JobSeats {
    let patience: AbortSignal | undefined;
    return {
      take: async () => {
        if (this.#places.free > 0) return this.#places.take();
        patience ??= this.#patience();
        return this.#places.take(patience).catch(() => undefined);
      },
      done: () => {
        const wasFull = this.isFull;
        this.#tasks.set(job, (this.#tasks.get(job) ?? 0) - 1);
        this.#held -= 1;
        // With its last task the job ends, and its worker looks by itself.
        if (wasFull && !this.isFull && this.#tasks.get(job) !== 0) onRoom();
      },
    };
  }

  /** Aborted when it is no use to wait. */
  #patience(): AbortSignal {
    const impatient = new AbortController();
    let looks = 0;
    let given = this.#places.given;
    const timer = setInterval(() => {
      looks += 1;
      if (given !== this.#places.given && looks < MOST_LOOKS) given = this.#places.given;
      else {
        clearInterval(timer);
        impatient.abort();
      }
    }, LOOK_INTERVAL_MS).unref();
    return impatient.signal;
  }

  remove(job: object): void {
    this.#held -= this.#tasks.get(job) ?? 0;
    this.#tasks.delete(job);
  }
}
