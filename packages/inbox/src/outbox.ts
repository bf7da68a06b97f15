import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '@taskwire/config';
import { taskIdSchema } from '@taskwire/protocol';
import type { Logger } from '@taskwire/service';
import { untilDone } from '@taskwire/store';
import type { TaskRegistry } from '@taskwire/tasks';
import type { Redis } from 'ioredis';
import type { InboxFolder } from './inbox-folder.ts';
import type { OpenTask, RefusedFile } from './open-task.ts';
import { readAcceptedFile } from './outbox/accepted-file.ts';
import { AwaitedTask } from './outbox/awaited-task.ts';
import { AwaitedTasks } from './outbox/awaited-tasks.ts';
import { LostTasks } from './outbox/lost-tasks.ts';
import { Refusals } from './outbox/refusals.ts';
import { ResultChannels } from './outbox/result-channels.ts';
import { ResultStore } from './outbox/result-store.ts';
import { RetryingQueue } from './outbox/retrying-queue.ts';
import { StatusWriter } from './outbox/status-writer.ts';
import { StoreWatch } from './outbox/store-watch.ts';
import { TaskEnding } from './outbox/task-ending.ts';
import { Tidying } from './outbox/tidying.ts';

export interface OutboxOptions {
  folder: InboxFolder;
  config: Config;
  /** For commands. */
  redis: Redis;
  /** A connection of its own, closed with it. */
  subscriber: Redis;
  registry: TaskRegistry;
  logger: Logger;
  /** Submits the request in a file of `accepted`: Redis has lost its task, or the file is there by accident. */
  resubmit: (taskId: string) => Promise<void>;
}

/** Most results in memory at a time. The same few threads of Node must also move the files of requests. */
const CONCURRENCY = 6;

/** So many tasks of an earlier run are read at the start: as many as `status.json` shows. */
const SHOWN = 20;

/**
 * Writes the outcome of the inbox's tasks: result files, notifications, `status.json`.
 *
 * A task is open from `expect` on, or since its file was found in `accepted`, until its result file is there and nothing of
 * it is left in `accepted`. A channel or the store tells that it has ended; the result is read from the store when its turn
 * comes.
 */
export class Outbox implements AsyncDisposable {
  readonly #options: OutboxOptions;
  readonly #tasks = new AwaitedTasks();
  readonly #channels: ResultChannels;
  readonly #queue: RetryingQueue;
  readonly #refusals: Refusals;
  readonly #watch: StoreWatch;
  readonly #lost: LostTasks;
  readonly #status: StatusWriter;
  readonly #tidying: Tidying;
  readonly #stopping = new AbortController();

  constructor(options: OutboxOptions) {
    this.#options = options;
    const { folder, config, redis, subscriber, registry, logger, resubmit } = options;
    const tasks = this.#tasks;
    const store = new ResultStore({ redis, keyPrefix: config.redis.key_prefix, queues: registry.queues });
    const onEnd = (taskId: string) => this.#queue.add(taskId);
    const onClosed = (task: AwaitedTask) => this.#releaseChannels(task);
    const ending = new TaskEnding({ folder, store, tasks, submitForeign: resubmit, onClosed, logger });
    this.#refusals = new Refusals({ folder, ending });
    this.#queue = new RetryingQueue({
      work: (taskId, signal) => {
        const task = tasks.get(taskId);
        return task ? ending.end(task, signal) : this.#refusals.write(taskId);
      },
      concurrency: CONCURRENCY,
      logger,
      messages: {
        failing: 'results of the inbox cannot be written; trying every 2 s',
        working: 'results of the inbox are written again',
      },
    });
    this.#lost = new LostTasks({ folder, tasks, keptSeconds: config.results.ttl_seconds, resubmit, onEnd, logger });
    const onUnknown = (taskIds: readonly string[]) => this.#lost.add(taskIds);
    this.#watch = new StoreWatch({ store, tasks, onEnded: onEnd, onUnknown, logger });
    this.#channels = new ResultChannels({
      subscriber,
      onResult: (taskId) => {
        if (tasks.get(taskId)) onEnd(taskId);
      },
      onBack: () => this.#watch.lookForAll(),
      logger,
    });
    this.#status = new StatusWriter({ folder, store, tasks, logger });
    this.#tidying = new Tidying({ folder, keepDays: config.inbox.keep_days, logger });
  }

  /** The channel for results of tasks whose requests name none: only the outbox listens to it. */
  get replyTo(): string {
    return this.#channels.own;
  }

  /** Resolves when it listens for results. Tasks that ended since the last run get their result files from then on. */
  async start(): Promise<void> {
    await this.#findAccepted();
    this.#status.start();
    await this.#channels.start();
    this.#watch.start();
    this.#tidying.start();
  }

  /**
   * Awaits the result of this task from now on. Resolves when its channel is subscribed; call it before the task is
   * dispatched. For an open task, the result file is written again.
   */
  async expect({ taskId, taskType, form, replyTo }: OpenTask): Promise<void> {
    this.#refusals.drop(taskId);
    let task = this.#tasks.get(taskId);
    if (!task) {
      task = AwaitedTask.expected({ taskId, taskType, form, replyTo });
      this.#tasks.open(task);
    }
    task.ask();
    if (replyTo === this.replyTo || task.channels.has(replyTo)) return;
    task.channels.add(replyTo);
    await this.#channels.hold(replyTo);
  }

  /** The task is durable, and its file is in `accepted`: writing the result removes it. */
  accepted(taskId: string): void {
    const task = this.#tasks.get(taskId);
    if (!task) {
      // For several requests, the result was written for all before the last of their files came there.
      this.#tasks.open(AwaitedTask.found(taskId));
      this.#queue.add(taskId);
      return;
    }
    if (!task.isAccepted) task.acceptedAt = new Date();
    task.isAccepted = true;
    if (task.outcome) this.#queue.add(taskId);
  }

  /**
   * An expected task is none after all, or is tried again later; or one that was submitted again is no task any more. An
   * accepted one stays open.
   */
  forget(taskId: string): void {
    const task = this.#tasks.get(taskId);
    if (!task || (task.isAccepted && !task.isResubmitted)) return;
    this.#tasks.drop(task);
    this.#releaseChannels(task);
  }

  /**
   * A file did not become a task: its result file is written for those who wait, unless that of an open task is to come.
   * Resolves after the first try; failed ones are repeated.
   */
  async refused(file: RefusedFile): Promise<void> {
    const { taskId, message, outcome } = Refusals.resultOf(file);
    if (taskId === undefined || this.#tasks.get(taskId)) {
      this.#tasks.refused(undefined, outcome);
      return;
    }
    this.#tasks.refused(taskId, outcome);
    const isKnown = this.#queue.has(taskId);
    const tried = this.#refusals.add(taskId, {
      form: file.form,
      message,
      isConflict: file.rejection.code === 'task_id_conflict',
    });
    this.#queue.add(taskId);
    // One that has failed may wait long for its next turn.
    if (!isKnown) await tried;
  }

  /** What has no result file by now gets it after the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#watch[Symbol.dispose]();
    this.#refusals.dropAll();
    await Promise.all([this.#lost, this.#queue, this.#tidying].map((part) => part[Symbol.asyncDispose]()));
    await this.#status[Symbol.asyncDispose]();
    this.#channels[Symbol.dispose]();
  }

  /** What is in `accepted` now was accepted in an earlier run. */
  async #findAccepted(): Promise<void> {
    const { folder, logger } = this.#options;
    const retry = {
      what: 'the accepted requests cannot be listed; trying again',
      logger,
      signal: this.#stopping.signal,
    };
    const names = (await untilDone(() => readdir(folder.accepted), retry)).sort();
    for (const name of names) {
      const taskId = name.slice(0, -'.json'.length);
      if (!name.endsWith('.json') || !taskIdSchema.safeParse(taskId).success) continue;
      this.#tasks.open(AwaitedTask.found(taskId));
    }
    // By name: with thousands of files, reading the time of each would take too long.
    await Promise.all(names.slice(-SHOWN).map((name) => this.#describe(name)));
  }

  async #describe(name: string): Promise<void> {
    const task = this.#tasks.get(name.slice(0, -'.json'.length));
    const file = await readAcceptedFile(join(this.#options.folder.accepted, name)).catch(() => undefined);
    if (!task || !file) return;
    task.taskType = file.task_type;
    task.form = file.form;
    task.acceptedAt = file.acceptedAt;
  }

  #releaseChannels(task: AwaitedTask): void {
    for (const channel of task.channels) this.#channels.release(channel);
    task.channels.clear();
  }
}
