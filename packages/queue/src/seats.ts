/** A task goes back to its queue, as another worker may have a place for it, when none was given here from one look to the next. */
const LOOK_INTERVAL_MS = 100;

/** And when it has waited for so many. */
const MOST_LOOKS = 5;

/** What a job has of its worker. */
export interface JobSeats {
  /** Waits for a place for one of its tasks. Resolves with false if none was free in time. */
  take: () => true | Promise<boolean>;
  /** The place is free again. */
  leave: () => void;
  /** One of its tasks is no longer here. */
  done: () => void;
}

interface Waiting {
  looks: number;
  resolve: (hasPlace: boolean) => void;
}

/** The places of a worker, one for each task that runs, and the tasks that it holds. A job may have several. */
export class WorkerSeats {
  readonly #count: number;
  /** How many tasks each job has here. */
  readonly #tasks = new Map<object, number>();
  /** First come, first served. */
  readonly #waiting: Waiting[] = [];
  #held = 0;
  #running = 0;
  /** Whether a place was given to one that waited since the last look. */
  #wasGiven = false;
  #looking: NodeJS.Timeout | undefined;

  constructor(count: number) {
    this.#count = count;
  }

  get running(): number {
    return this.#running;
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
    return {
      take: () => this.#take(),
      leave: () => this.#leave(),
      done: () => {
        const wasFull = this.isFull;
        this.#tasks.set(job, (this.#tasks.get(job) ?? 0) - 1);
        this.#held -= 1;
        // With its last task the job ends, and its worker looks by itself.
        if (wasFull && !this.isFull && this.#tasks.get(job) !== 0) onRoom();
      },
    };
  }

  remove(job: object): void {
    this.#held -= this.#tasks.get(job) ?? 0;
    this.#tasks.delete(job);
  }

  #take(): true | Promise<boolean> {
    if (this.#running < this.#count) {
      this.#running += 1;
      return true;
    }
    this.#looking ??= setInterval(() => this.#look(), LOOK_INTERVAL_MS).unref();
    return new Promise((resolve) => this.#waiting.push({ looks: 0, resolve }));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next) {
      this.#wasGiven = true;
      next.resolve(true);
    } else {
      this.#running -= 1;
    }
  }

  /** Sends those away for which it is no use to wait. */
  #look(): void {
    const most = this.#wasGiven ? MOST_LOOKS : 2;
    for (const waiting of this.#waiting.splice(0)) {
      waiting.looks += 1;
      if (waiting.looks < most) this.#waiting.push(waiting);
      else waiting.resolve(false);
    }
    this.#wasGiven = false;
    if (this.#waiting.length > 0) return;
    clearInterval(this.#looking);
    this.#looking = undefined;
  }
}
