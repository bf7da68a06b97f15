import type { Intake, Submission } from '@taskwire/admission';
import { everySecond } from '@taskwire/redis';
import { type Logger, openConnection, type ServiceContext } from '@taskwire/service';
import type { TaskRegistry } from '@taskwire/tasks';
import type { Redis } from 'ioredis';
import { FolderLock } from './folder-lock.ts';
import { InboxFolder } from './inbox-folder.ts';
import { Serving } from './serving.ts';

export interface InboxOptions {
  context: ServiceContext;
  /** A connection for commands. */
  redis: Redis;
  registry: TaskRegistry;
  submit: (submission: Submission) => void;
}

/**
 * The folder of the query daemon: requests come in as files, results go out as files. One processor at a time serves a
 * folder; others stand by.
 */
export class Inbox implements Intake {
  readonly #folder: InboxFolder;
  readonly #logger: Logger;
  readonly #open: () => Serving;
  readonly #stopping = new AbortController();
  #lock: FolderLock | undefined;
  #said = '';
  #serving: Serving | undefined;
  #endLooks: (() => void) | undefined;
  #looking: Promise<void> | undefined;

  constructor({ context, redis, registry, submit }: InboxOptions) {
    const { config, logger, instance } = context;
    const folder = new InboxFolder(config.inbox);
    this.#folder = folder;
    this.#logger = logger;
    this.#open = () => {
      const subscriber = openConnection(context, 'listener');
      return new Serving({ folder, config, redis, subscriber, registry, submit, instance, logger });
    };
  }

  /**
   * Resolves when requests are taken, or when this processor stands by because another one takes them or the lock cannot be
   * taken. A faulty disk must not hold up messages.
   *
   * @throws ConfigError when the folder must not be used.
   */
  async start(): Promise<void> {
    this.#folder.prepare();
    // So soon another processor takes the requests when the one that took them has died, or the folder was replaced.
    this.#endLooks = everySecond(() => this.#look());
    await this.#look();
  }

  /** Takes in nothing more; what was submitted may still become tasks. */
  stop(): void {
    this.#stopping.abort();
    this.#endLooks?.();
    this.#serving?.stop();
  }

  /** Call it when all submissions are processed. Tasks without a result yet get their result files at the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
    // It may be waiting for a Redis that is away, until this ends it.
    await this.#end();
    await this.#looking;
  }

  #look(): Promise<void> {
    this.#looking ??= this.#serveIfPossible().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** Stops when another folder replaces it, and then starts again. */
  async #serveIfPossible(): Promise<void> {
    if (!this.#serving) await this.#serve();
    else if (!this.#isSound()) await this.#end();
  }

  /** Whether the lock still keeps others out, and no folder became a link or writable by others. */
  #isSound(): boolean {
    try {
      if (!this.#lock?.isThere) throw new Error(`${this.#folder.intakeLock} was removed`);
      this.#folder.prepare();
      return true;
    } catch (error) {
      this.#say('the folder of the inbox has changed; no longer serving it', error);
      return false;
    }
  }

  async #serve(): Promise<void> {
    try {
      this.#folder.prepare();
      this.#lock = FolderLock.take(this.#folder.intakeLock);
      if (!this.#lock) {
        this.#say('another processor serves the inbox; standing by');
        return;
      }
      this.#serving = this.#open();
      await this.#serving.start();
      if (!this.#stopping.signal.aborted) this.#say('serving the inbox');
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      this.#say('the inbox cannot be served; trying again', error);
      await this.#end();
    }
  }

  async #end(): Promise<void> {
    await this.#serving?.[Symbol.asyncDispose]();
    this.#serving = undefined;
    this.#lock?.[Symbol.dispose]();
  }

  /** Logs each thing once, however often it occurs. */
  #say(message: string, error?: unknown): void {
    if (message === this.#said) return;
    this.#said = message;
    const { path: directory } = this.#folder;
    if (error === undefined) this.#logger.info({ directory }, message);
    else this.#logger.error({ directory, err: error }, message);
  }
}
