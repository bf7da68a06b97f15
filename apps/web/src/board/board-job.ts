import type { JobRetryStatus, JobState, QueueJob, QueueJobJson } from '@bull-board/api/typings/app';
import type { TaskJob } from '@taskwire/queue';
import { shownJob } from './show/shown-job.ts';

/** What the board does to a job in another way than BullMQ. */
export interface JobActions {
  retry(job: TaskJob, state: JobRetryStatus): Promise<void>;
  remove(job: TaskJob): Promise<void>;
}

export interface BoardJobOptions {
  job: TaskJob;
  actions: JobActions;
  /** The whole result, when the job keeps only a note that it is elsewhere. */
  storedResult?: unknown;
}

/** A job as Bull Board gets it. It cannot change the data: what was checked when it came stays as it is. */
export class BoardJob implements QueueJob {
  readonly #job: TaskJob;
  readonly #actions: JobActions;
  readonly #storedResult: unknown;

  constructor({ job, actions, storedResult }: BoardJobOptions) {
    this.#job = job;
    this.#actions = actions;
    this.#storedResult = storedResult;
  }

  get id(): string | undefined {
    return this.#job.id;
  }

  get opts(): TaskJob['opts'] {
    return this.#job.opts;
  }

  get queueName(): string {
    return this.#job.queueName;
  }

  get queueQualifiedName(): string {
    return this.#job.queueQualifiedName;
  }

  toJSON(): QueueJobJson {
    return shownJob(this.#job, this.#storedResult);
  }

  getState(): Promise<JobState> {
    return this.#job.getState();
  }

  retry(state: JobRetryStatus = 'failed'): Promise<void> {
    return this.#actions.retry(this.#job, state);
  }

  remove(): Promise<void> {
    return this.#actions.remove(this.#job);
  }

  promote(): Promise<void> {
    return this.#job.promote();
  }

  changeDelay(delayMs: number): Promise<void> {
    return this.#job.changeDelay(delayMs);
  }

  changePriority(options: { priority?: number; lifo?: boolean }): Promise<void> {
    return this.#job.changePriority(options);
  }
}
