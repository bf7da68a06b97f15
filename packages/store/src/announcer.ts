import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '@taskwire/config';
import type { ErrorResult, TaskEvent, TaskResult } from '@taskwire/protocol';
import type { Redis } from 'ioredis';
import { Announcement, type Answer } from './announcement.ts';
import type { Log } from './log.ts';
import { loadScript, type Script } from './scripts/load-script.ts';
import { type UntilDoneOptions, untilDone } from './until-done.ts';

const CLOSE_TIMEOUT_MS = 2000;

/** The result of a task that ran: it names its task. */
export type FinalResult = TaskResult & { task_id: string; task_type: string };

export interface AnnouncerOptions {
  redis: Redis;
  config: Pick<Config, 'redis' | 'results'>;
  logger: Log;
}

/**
 * The only place that publishes results and events. Those of one turn of the event loop go to Redis as one script
 * call, which is repeated until Redis takes it.
 */
export class Announcer implements AsyncDisposable {
  readonly #config: AnnouncerOptions['config'];
  readonly #sending: UntilDoneOptions;
  readonly #announce: Script<void>;
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();
  #open: Announcement | undefined;

  constructor({ redis, config, logger }: AnnouncerOptions) {
    this.#config = config;
    const what = 'Redis did not take results; sending them again';
    this.#sending = { what, logger, signal: this.#closing.signal };
    this.#announce = loadScript(redis, 'announce');
  }

  /** Publishes an event. */
  event(event: TaskEvent): void {
    const announcement = this.#opened();
    announcement.addEvent(event);
    if (announcement.isFull) this.#send();
  }

  /**
   * Stores and publishes the result of a task that ran, unless it has one already. Resolves when Redis has it.
   *
   * @param message the result as JSON; the caller has it already, from checking its size. It begins with
   *   `task_id`, `task_type`, `user_id`, `metadata`: the event is cut from it.
   */
  final(
    result: FinalResult,
    message: string,
    replyTo: string | undefined,
    { told, endsCheckpoint = false }: Pick<Answer, 'told' | 'endsCheckpoint'> = {},
  ): Promise<void> {
    const { status: mode, task_id: taskId, timestamp } = result;
    return this.#add({ mode, taskId, timestamp, replyTo, message, told, endsCheckpoint });
  }

  /** Publishes the error of a message that does not become a task. Resolves when Redis has it. */
  rejection(result: ErrorResult, replyTo: string | undefined): Promise<void> {
    // No event: for watchers there never was a task.
    const message = JSON.stringify(result);
    const { task_id: taskId, timestamp } = result;
    return this.#add({ mode: 'rejection', taskId, timestamp, replyTo, message });
  }

  /** Publishes a stored result once more. Resolves when Redis has it. */
  repeat(taskId: string, message: string, replyTo: string | undefined): Promise<void> {
    return this.#add({ mode: 'repeat', taskId, timestamp: '', replyTo, message });
  }

  /** Sends what is left; gives up on what Redis does not take within 2 s. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#send();
    await Promise.race([Promise.allSettled(this.#underWay), delay(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
    this.#closing.abort();
  }

  #add(answer: Answer): Promise<void> {
    const announcement = this.#opened();
    announcement.addAnswer(answer);
    if (announcement.isFull) this.#send();
    return announcement.sent.promise;
  }

  #opened(): Announcement {
    if (!this.#open) {
      this.#open = new Announcement();
      setImmediate(() => this.#send());
    }
    return this.#open;
  }

  #send(): void {
    const announcement = this.#open;
    if (!announcement) return;
    this.#open = undefined;
    const { promise, resolve, reject } = announcement.sent;
    const call = announcement.call(this.#config);
    untilDone(() => this.#announce(...call), this.#sending).then(resolve, reject);
    const done: Promise<unknown> = promise.then(
      () => this.#underWay.delete(done),
      () => this.#underWay.delete(done),
    );
    this.#underWay.add(done);
  }
}
