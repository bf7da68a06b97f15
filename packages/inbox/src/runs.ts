import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '@taskwire/service';
import { Places } from '@taskwire/service/places';
import { answer } from './answering.ts';
import type { EndedTasks } from './ended-tasks.ts';
import { FaultLog } from './fault-log.ts';
import type { InboxFolder } from './inbox-folder.ts';
import { Run } from './run.ts';
import type { RunStates } from './run-states.ts';
import type { Submitting } from './submitting.ts';

export interface RunsOptions {
  folder: InboxFolder;
  submitting: Submitting;
  ended: EndedTasks;
  states: RunStates;
  /** Called when a name is free again. */
  onFree: (name: string) => void;
  logger: Logger;
  signal: AbortSignal;
}

/** Most results in memory at a time. The same few threads of Node must also move the files of requests. */
const WRITTEN_AT_ONCE = 6;

/** Files of an earlier run that are read at a time. */
const FOUND_AT_ONCE = 64;

const RETRY_MS = 2000;

/** Takes each run from its file in `accepted` to its result file, whatever fails meanwhile. Of each name one is under way. */
export class Runs {
  readonly #options: RunsOptions;
  readonly #names = new Set<string>();
  readonly #writing = new Places(WRITTEN_AT_ONCE);
  readonly #submitFaults: FaultLog;
  readonly #writeFaults: FaultLog;

  constructor(options: RunsOptions) {
    this.#options = options;
    const { logger } = options;
    this.#submitFaults = new FaultLog({
      logger,
      broken: 'requests of the inbox cannot be submitted; trying every 2 s',
      mended: 'requests of the inbox are submitted again',
    });
    this.#writeFaults = new FaultLog({
      logger,
      broken: 'results of the inbox cannot be written; trying every 2 s',
      mended: 'results of the inbox are written again',
    });
  }

  /** Goes on with what is in `accepted`. @throws when it cannot be listed. */
  async start(): Promise<void> {
    const { folder, states } = this.#options;
    const found = (await readdir(folder.accepted)).sort().flatMap((file) => Run.found(file) ?? []);
    const places = new Places(FOUND_AT_ONCE);
    for (const runs of Map.groupBy(found, ({ name }) => name).values()) {
      for (const run of runs) states.open(run);
      this.#names.add((runs[0] as Run).name);
      // Two of one name are there only if somebody put them there.
      const goOn = async ([run, ...others]: Run[]): Promise<void> => {
        if (!run) return;
        using _place = await places.take();
        await this.#untilDurable(run, () => (others.length > 0 ? goOn(others) : this.release(run)));
      };
      void goOn(runs);
    }
  }

  /** Reserves the name of a run; undefined while another one of that name is under way. */
  begin(name: string): Run | undefined {
    if (this.#names.has(name)) return undefined;
    this.#names.add(name);
    return Run.begin(name);
  }

  /** A run has ended, or did not begin: another one of its name may. */
  release({ name }: Run): void {
    this.#names.delete(name);
    this.#options.onFree(name);
  }

  isUnderWay(name: string): boolean {
    return this.#names.has(name);
  }

  /** Its file is in `accepted`. Resolves when its task is durable, or was refused; the rest goes on without the caller. */
  async accepted(run: Run): Promise<void> {
    this.#options.states.open(run);
    await this.#untilDurable(run, () => this.release(run));
  }

  /** Resolves when no file is written any more. Runs that have not ended go on after the next start. */
  async close(): Promise<void> {
    for (let place = 0; place < WRITTEN_AT_ONCE; place += 1) await this.#writing.take();
  }

  #untilDurable(run: Run, onEnd: () => unknown): Promise<void> {
    return new Promise((resolve) => {
      this.#carryOut(run, resolve)
        .finally(resolve)
        .then(onEnd, (error: unknown) => {
          const { signal, logger } = this.#options;
          if (!signal.aborted)
            logger.error({ err: error, file: run.file }, 'a request of the inbox cannot be carried out');
        });
    });
  }

  async #carryOut(run: Run, onDurable: () => void): Promise<void> {
    let isAnswered = false;
    while (!isAnswered) {
      const refusal = await this.#ended(run, onDurable);
      if (refusal === 'misplaced') break;
      isAnswered = await this.#insist(run, this.#writeFaults, () => this.#answer(run, refusal));
    }
    this.#options.states.close(run);
  }

  /** Resolves when the task seems to have ended, or with its result if the file did not become one. */
  async #ended(run: Run, onDurable: () => void): Promise<{ message: string } | 'misplaced' | undefined> {
    const { submitting, states, logger } = this.#options;
    for (;;) {
      const submitted = await this.#insist(run, this.#submitFaults, () => submitting.submit(run));
      if (submitted.status === 'misplaced') return 'misplaced';
      onDurable();
      states.changed();
      if (submitted.status === 'refused') return submitted;
      if ((await submitted.seen) === 'ended') return undefined;
      logger.warn({ task_id: run.taskId }, 'Redis has lost a task that was accepted; submitting it again');
    }
  }

  /** Only few results are read at a time. @returns whether there was one. */
  async #answer(run: Run, refusal: { message: string } | undefined): Promise<boolean> {
    const { ended, folder, signal } = this.#options;
    using _place = await this.#writing.take();
    signal.throwIfAborted();
    const message = refusal?.message ?? (await ended.result(run.taskId));
    if (message === null) return false;
    try {
      await answer(run, { message, isRefused: refusal !== undefined }, this.#options);
    } catch (error) {
      // Whoever removes its request gives up its answer, too.
      if (signal.aborted || existsSync(join(folder.accepted, run.file))) throw error;
    }
    return true;
  }

  /** Repeats until it works; never when the processor stops. */
  async #insist<T>(run: Run, faults: FaultLog, work: () => Promise<T>): Promise<T> {
    const { signal } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      try {
        const done = await work();
        faults.over(run.file);
        return done;
      } catch (error) {
        signal.throwIfAborted();
        faults.happened(run.file, error);
        await delay(RETRY_MS, undefined, { signal, ref: false });
      }
    }
  }
}
