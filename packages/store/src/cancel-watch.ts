import { cancelChannel, type Installation } from '@taskwire/protocol';
import { everySecond } from '@taskwire/redis';
import type { Redis } from 'ioredis';
import type { Log } from './log.ts';
import { Roster } from './roster.ts';
import type { TaskStore } from './task-store.ts';
import { WatchedRun } from './watched-run.ts';

export interface CancelWatchOptions {
  /** A connection of its own. */
  subscriber: Redis;
  store: Pick<TaskStore, 'openCancellations'>;
  installation: Installation;
  logger: Log;
}

/**
 * A task may be cancelled just when a worker takes its job, before this process knows that. So heard ids are kept
 * longer than a worker takes from Redis' answer to the run, or a slow processor to add a removed job.
 */
const REMEMBER_MS = 60_000;
const MAX_REMEMBERED = 10_000;

/** Tells the running tasks of this process when they are cancelled. It costs nothing while none is. */
export class CancelWatch implements AsyncDisposable {
  readonly #options: CancelWatchOptions;
  readonly #channel: string;
  readonly #runs = new Roster<WatchedRun>();
  /** When the cancel of a task was heard, by task id; the latest last. */
  readonly #heardAt = new Map<string, number>();
  #endLooks: (() => void) | undefined;

  constructor(options: CancelWatchOptions) {
    this.#options = options;
    this.#channel = cancelChannel(options.installation);
  }

  /** Resolves when it hears. */
  async start(): Promise<void> {
    const { subscriber } = this.#options;
    subscriber.on('message', (_channel, taskId: string) => this.#hear(taskId));
    await subscriber.subscribe(this.#channel);
    // ioredis subscribes again by itself; the answer to our call tells when.
    subscriber.on('ready', () => void subscriber.subscribe(this.#channel).then(() => this.#look(), this.#missed));
    // PUBLISH is at most once, so while tasks run the worker also reads the notes.
    this.#endLooks = everySecond(() => this.#look());
  }

  /** Call it before a task runs. */
  enter(taskId: string): WatchedRun {
    const run = new WatchedRun(taskId, this.#heardAt.has(taskId));
    this.#runs.enter(run);
    return run;
  }

  leave(run: WatchedRun): void {
    this.#runs.leave(run);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#endLooks?.();
    this.#options.subscriber.disconnect();
  }

  #hear(taskId: string): void {
    this.#remember(taskId);
    for (const run of this.#runs) if (run.taskId === taskId) run.cancel();
  }

  #remember(taskId: string): void {
    const now = Date.now();
    for (const [id, at] of this.#heardAt) {
      if (now - at < REMEMBER_MS && this.#heardAt.size < MAX_REMEMBERED) break;
      this.#heardAt.delete(id);
    }
    this.#heardAt.delete(taskId);
    this.#heardAt.set(taskId, now);
  }

  async #look(): Promise<void> {
    if (this.#runs.size === 0) return;
    try {
      for (const { taskId } of await this.#options.store.openCancellations()) this.#hear(taskId);
    } catch (error) {
      this.#missed(error);
    }
  }

  /** Redis may be away: there is a next time. */
  readonly #missed = (error: unknown) => {
    this.#options.logger.debug({ err: error }, 'the cancelled tasks could not be read; trying again');
  };
}
