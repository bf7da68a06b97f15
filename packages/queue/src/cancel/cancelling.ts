import type { ServiceMetrics } from '@taskwire/monitoring';
import type { Logger } from '@taskwire/service';
import type { Announcer, CancelRequest, TaskStore } from '@taskwire/store';
import type { Redis } from 'ioredis';
import type { TaskQueue } from '../queues.ts';
import { CancelFollowUp } from './cancel-follow-up.ts';
import { CancelTasks } from './cancel-tasks.ts';
import { JobRemoval } from './job-removal.ts';
import { UnfinishedRemovals } from './unfinished-removals.ts';

export interface CancellingOptions {
  redis: Redis;
  keyPrefix: string;
  store: TaskStore;
  queues: ReadonlyMap<string, TaskQueue>;
  announcer: Announcer;
  metrics: ServiceMetrics;
  logger: Logger;
  /** Whether this processor sees to it that what was cancelled ends. */
  leading: () => boolean;
}

/** Ends tasks that somebody has cancelled, and those whose cancelling was cut off. */
export class Cancelling implements Disposable {
  readonly #tasks: CancelTasks;
  readonly #followUp: CancelFollowUp;

  constructor(options: CancellingOptions) {
    const removal = new JobRemoval(options);
    this.#tasks = new CancelTasks({ ...options, removal });
    const removals = new UnfinishedRemovals({ ...options, removal });
    this.#followUp = new CancelFollowUp({ ...options, cancelTasks: this.#tasks, removals });
  }

  start(): void {
    this.#followUp.start();
  }

  /** Cancels a task, and says what comes of it: its result, or an event. Doing so again is safe. */
  cancel(taskId: string): Promise<CancelRequest['status']> {
    return this.#tasks.cancel(taskId);
  }

  /** To be told of a cancellation that another processor is to see to. */
  leaveToOthers(taskId: string): void {
    this.#followUp.leaveToOthers(taskId);
  }

  [Symbol.dispose](): void {
    this.#followUp[Symbol.dispose]();
  }
}
