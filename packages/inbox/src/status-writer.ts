import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@taskwire/service';
import type { EndedTasks } from './ended-tasks.ts';
import { FaultLog } from './fault-log.ts';
import type { InboxFolder } from './inbox-folder.ts';
import type { RunStates } from './run-states.ts';
import type { StatusFile } from './status-file.ts';
import { writeWhole } from './write-whole.ts';

export interface StatusWriterOptions {
  folder: InboxFolder;
  ended: Pick<EndedTasks, 'running'>;
  states: RunStates;
  logger: Logger;
}

const INTERVAL_MS = 450;

/** Redis answers within milliseconds, or not now. */
const ASKING_MS = 100;

/** Without changes, it is written at the first tick after this: it must never be older than 1 s. */
const REWRITE_AFTER_MS = 600;

/** Keeps `status.json` current. */
export class StatusWriter implements AsyncDisposable {
  readonly #options: StatusWriterOptions;
  readonly #startedAt = new Date();
  readonly #faults: FaultLog;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #asking = false;
  #writtenAt = 0;
  #writtenChanges = -1;

  constructor(options: StatusWriterOptions) {
    this.#options = options;
    this.#faults = new FaultLog({
      logger: options.logger,
      broken: 'status.json cannot be written; trying again',
      mended: 'status.json is written again',
    });
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#tick(), INTERVAL_MS).unref();
    this.#tick();
  }

  /** Writes a last one, which says that the inbox is not served any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#writing;
    this.#options.states.markRunning(new Set());
    await this.#write('stopped');
  }

  #tick(): void {
    const { states } = this.#options;
    const isOld = performance.now() - this.#writtenAt >= REWRITE_AFTER_MS;
    if (this.#writing || (states.size === 0 && states.changes === this.#writtenChanges && !isOld)) return;
    this.#writing = this.#update().finally(() => {
      this.#writing = undefined;
    });
  }

  async #update(): Promise<void> {
    // Just before writing: short tasks have ended by the next tick. If Redis is away, write anyway: this is our heartbeat.
    if (this.#options.states.size > 0) {
      await Promise.race([this.#markRunning(), delay(ASKING_MS, undefined, { ref: false })]);
    }
    const isOld = performance.now() - this.#writtenAt >= REWRITE_AFTER_MS;
    if (isOld || this.#writtenChanges !== this.#options.states.changes) await this.#write('running');
  }

  async #markRunning(): Promise<void> {
    const { ended, states, logger } = this.#options;
    if (this.#asking) return;
    this.#asking = true;
    try {
      states.markRunning(await ended.running());
    } catch (error) {
      logger.debug({ err: error }, 'the running tasks could not be read; trying again');
    } finally {
      this.#asking = false;
    }
  }

  async #write(status: StatusFile['status']): Promise<void> {
    const { folder, states } = this.#options;
    const { queries, tasks: latest } = states.snapshot();
    this.#writtenAt = performance.now();
    this.#writtenChanges = states.changes;
    const content: StatusFile = {
      status,
      started_at: this.#startedAt.toISOString(),
      pid: process.pid,
      queries,
      last_check: new Date().toISOString(),
      tasks: latest,
    };
    try {
      await writeWhole(folder.statusFile, `${JSON.stringify(content, null, 2)}\n`, { mode: folder.fileMode });
      this.#faults.over(folder.statusFile);
    } catch (error) {
      this.#faults.happened(folder.statusFile, error);
    }
  }
}
