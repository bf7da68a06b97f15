import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { historianKey } from '@taskwire/protocol';
import { openConnection, type ServiceContext } from '@taskwire/service';
import { HISTORY_GROUP, ResultsGroup, removeResultsGroup } from '@taskwire/store';
import type { Redis } from 'ioredis';
import type { AuditEntry } from './history-file.ts';
import { HistoryThread } from './history-thread.ts';
import type { Row } from './row.ts';
import type { Found, KeptFilter, Place } from './search.ts';
import { Writer } from './writer.ts';

export interface HistoryOptions {
  context: ServiceContext;
  /** A connection for commands. */
  redis: Redis;
}

/** So few that a portion of large results fits into memory. */
const PORTION = 16;

/** Longest time of a search. */
const BUDGET_MS = 300;

/** The tasks that have ended, and who did what. */
export class History implements AsyncDisposable {
  /** Why there is none; undefined when there is one. */
  readonly off: string | undefined;
  readonly #options: HistoryOptions;
  readonly #path: string;
  readonly #thread: HistoryThread;
  #writer: Writer | undefined;

  constructor(options: HistoryOptions) {
    this.#options = options;
    const { history, redis, results } = options.context.config;
    if (!history.enabled) this.off = 'There is no history of tasks: history.enabled is false.';
    else if (results.stream_max_length === 0) {
      this.off = 'There is no history of tasks: it reads the results stream, and results.stream_max_length is 0.';
    }
    // Several installations may share the folder.
    const name = `${redis.key_prefix.replace(/[^\w.-]+/g, '') || 'history'}-${redis.db}.sqlite`;
    const { keep_days: keepDays, max_bytes: maxBytes, parameters: keepsParameters } = history;
    this.#path = resolve(history.directory, name);
    const file = { path: this.#path, keepsParameters, keepDays, maxBytes };
    this.#thread = new HistoryThread(file, options.context.logger);
  }

  /** Begins to write, if no other process does. */
  start(): void {
    const { context, redis } = this.#options;
    const { config, instance, logger } = context;
    const keyPrefix = config.redis.key_prefix;
    if (this.off !== undefined) {
      logger.info(this.off);
      // The stream would keep everything for it.
      void removeResultsGroup(redis, keyPrefix, HISTORY_GROUP).catch(() => undefined);
      return;
    }
    const reader = openConnection(context, 'command');
    const group = new ResultsGroup({ reader, redis, keyPrefix, group: HISTORY_GROUP, portion: PORTION });
    const leaseKey = historianKey(keyPrefix);
    this.#writer = new Writer({ redis, leaseKey, instance, group, thread: this.#thread, logger });
    this.#writer.start();
  }

  /** Why this process, which should write, does not; undefined when all is well. */
  get fault(): string | undefined {
    return this.#writer?.fault;
  }

  /** Whether tasks may be missing that ended before this process began, or while none wrote. */
  get isBehind(): boolean {
    return this.#writer?.isBehind ?? false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer?.[Symbol.asyncDispose]();
    await this.#thread[Symbol.asyncDispose]();
  }

  /** @throws HistoryError, as do all of these. */
  async get(taskId: string): Promise<Row | undefined> {
    return this.off === undefined ? await this.#thread.call('get', taskId) : undefined;
  }

  /** @param after where the page before ended. */
  find(filter: KeptFilter, { limit, after }: { limit: number; after?: Place | undefined }): Promise<Found> {
    return this.#thread.call('find', filter, { limit, after, budgetMs: BUDGET_MS });
  }

  /** Removes all tasks of a user, also from the file of a history that is off now. @returns their ids, an empty one for each refused message. */
  async forget(users: readonly string[]): Promise<string[]> {
    const gone: string[] = [];
    while (this.off === undefined || existsSync(this.#path)) {
      const step = await this.#thread.call('forget', users);
      if (step.length === 0) break;
      gone.push(...step);
    }
    return gone;
  }

  /** Takes what was removed out of the files besides, too. */
  async scrub(): Promise<void> {
    if (existsSync(this.#path)) await this.#thread.call('scrub');
  }

  /** Notes that somebody did something. Where it cannot be written, the log says so. */
  audit(entry: AuditEntry): void {
    const { logger } = this.#options.context;
    logger.info({ ...entry }, 'audit');
    if (this.off !== undefined) return;
    this.#thread.call('audit', entry).catch(({ message: reason }: Error) => {
      logger.warn({ reason }, 'the history did not take an entry of the audit');
    });
  }
}
