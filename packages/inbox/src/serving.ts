import { setTimeout as delay } from 'node:timers/promises';
import type { Submission } from '@taskwire/admission';
import type { ServiceContext } from '@taskwire/service';
import type { Redis } from 'ioredis';
import { EndedTasks } from './ended-tasks.ts';
import type { InboxFolder } from './inbox-folder.ts';
import { RequestIntake } from './request-intake.ts';
import { RunStates } from './run-states.ts';
import { Runs } from './runs.ts';
import { StatusWriter } from './status-writer.ts';
import { Submitting } from './submitting.ts';
import { startTidying } from './tidying.ts';

export interface ServingOptions extends Pick<ServiceContext, 'config' | 'registry' | 'instance' | 'logger'> {
  folder: InboxFolder;
  /** For commands. */
  redis: Redis;
  /** A connection of its own, closed with it. */
  subscriber: Redis;
  submit: (submission: Submission) => void;
  /** How long a file that is not JSON may stay unchanged before it is refused. Default: 5000. */
  halfWrittenMs?: number;
  /** Between two scans for files without an event. Default: 2000. */
  scanIntervalMs?: number;
}

/** When it stops, files that are being written get no longer than this. */
const CLOSE_TIMEOUT_MS = 2000;

/** Serves the folder, as long as this process has its lock. */
export class Serving implements AsyncDisposable {
  readonly #ended: EndedTasks;
  readonly #runs: Runs;
  readonly #intake: RequestIntake;
  readonly #status: StatusWriter;
  readonly #startTidying: () => AsyncDisposable;
  #tidying: AsyncDisposable | undefined;
  readonly #stopping = new AbortController();

  constructor(options: ServingOptions) {
    const { folder, config, redis, subscriber, registry, logger } = options;
    const { halfWrittenMs = 5000, scanIntervalMs = 2000 } = options;
    const { signal } = this.#stopping;
    const keyPrefix = config.redis.key_prefix;
    const states = new RunStates();
    const { queues } = registry;
    const ended = new EndedTasks({ redis, subscriber, keyPrefix, folder: folder.path, queues, logger });
    this.#ended = ended;
    this.#runs = new Runs({
      folder,
      submitting: new Submitting({ ...options, ended, halfWrittenMs, signal }),
      ended,
      states,
      onFree: (name) => this.#intake.free(name),
      logger,
      signal,
    });
    const maxBytes = config.processor.max_message_bytes;
    this.#intake = new RequestIntake({ folder, maxBytes, runs: this.#runs, logger, halfWrittenMs, scanIntervalMs });
    this.#status = new StatusWriter({ folder, ended, states, logger });
    this.#startTidying = () => startTidying({ folder, keepDays: config.inbox.keep_days, logger });
  }

  /** Resolves when files are taken; waits for Redis as long as it is away. @throws the error of the file system. */
  async start(): Promise<void> {
    await this.#runs.start();
    this.#status.start();
    await this.#ended.start();
    if (this.#stopping.signal.aborted) return;
    await this.#intake.start();
    this.#tidying = this.#startTidying();
  }

  /** Takes nothing more; what was submitted may still become tasks. */
  stop(): void {
    this.#intake.stop();
  }

  /** Runs that have not ended go on after the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    // A rename must not come after the lock is given up, or nobody would know of the file.
    await this.#intake[Symbol.asyncDispose]();
    await Promise.race([this.#runs.close(), delay(CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
    await this.#tidying?.[Symbol.asyncDispose]();
    await this.#status[Symbol.asyncDispose]();
    this.#ended[Symbol.dispose]();
  }
}
