import type { Config } from '@taskwire/config';
import type { InboxFolder } from '@taskwire/inbox';
import type { Logger } from '@taskwire/runtime';
import type { TaskRegistry } from '@taskwire/tasks';
import type { Redis } from 'ioredis';
import type { OpenTask, RefusedFile } from './open-task.ts';

export interface OutboxOptions {
  folder: InboxFolder;
  config: Config;
  /** For commands. */
  redis: Redis;
  /** A connection of its own, closed with it. */
  subscriber: Redis;
  registry: TaskRegistry;
  logger: Logger;
  /** Submits again, from its file in `accepted`, a task that Redis has lost. */
  resubmit: (taskId: string) => Promise<void>;
}

/** Writes what comes of the tasks of the inbox: result files, notifications, `status.json`. */
export class Outbox implements AsyncDisposable {
  readonly #options: OutboxOptions;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** The channel for the results of tasks whose requests name none: the outbox hears it alone. */
  get replyTo(): string {
    return '';
  }

  /** Resolves when it hears results. What has ended since the last time gets its result file from then on. */
  async start(): Promise<void> {}

  /** From now on the result of this task is awaited. Resolves when its channel is heard; call it before the task is dispatched. */
  async expect(_task: OpenTask): Promise<void> {}

  /** The task is durable, and its file is in `accepted`: whoever writes the result removes it. */
  accepted(_taskId: string): void {}

  /** An expected task is none after all, or is to be tried again later. */
  forget(_taskId: string): void {}

  /** A file did not become a task: whoever waits for its result file gets one, unless it is the one of another task. */
  async refused(_file: RefusedFile): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.subscriber.disconnect();
  }
}
