import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { LogSink } from './json-lines.ts';

export interface SupervisedOptions {
  name: string;
  /** Starts the process and resolves when it is ready; if the signal is aborted before, ends it and rejects. */
  launch: (signal: AbortSignal) => Promise<ChildProcess>;
  log: LogSink;
}

/** How long to wait before restarting a crashed process: doubled with each crash in a row. */
const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;

/** After running this long, a process's next crash counts as the first. */
const HEALTHY_AFTER_MS = 60_000;

/** Keeps one process running: restarts it, ever later, if it ends unasked. */
export class Supervised {
  readonly #options: SupervisedOptions;
  readonly #stopping = new AbortController();
  #process: ChildProcess | undefined;
  #keeping: Promise<void> | undefined;
  #restarted = Promise.withResolvers<void>();

  /** @param running a process that runs already. */
  constructor(options: SupervisedOptions, running?: ChildProcess) {
    this.#options = options;
    this.#process = running;
  }

  /** Resolves when the process is ready. Rejects if the first start fails: no restart fixes that. */
  async start(): Promise<void> {
    this.#process ??= await this.#options.launch(this.#stopping.signal);
    this.#keeping = this.#keepRunning();
  }

  /** Kills the process, as a crash would. Resolves when it runs again; never if it is to stop. */
  async kill(): Promise<void> {
    this.#restarted = Promise.withResolvers();
    this.#process?.kill('SIGKILL');
    await this.#restarted.promise;
  }

  /**
   * Asks the process to stop, and kills it if it takes too long.
   *
   * @param timeoutMs how long it may take.
   */
  async stop(timeoutMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#keeping;
    const child = this.#process;
    if (!child || hasEnded(child)) return;
    const { name, log } = this.#options;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const late = await Promise.race([ended, delay(timeoutMs, 'late' as const, { ref: false })]);
    if (late !== 'late') return;
    log.say(`${name} did not stop within ${timeoutMs} ms and is killed`, 'warn');
    child.kill('SIGKILL');
    await ended;
  }

  /** Resolves when it is to stop. */
  async #keepRunning(): Promise<void> {
    const { name, launch, log } = this.#options;
    const { signal } = this.#stopping;
    let crashes = 0;
    while (!signal.aborted) {
      const startedAt = Date.now();
      const child = this.#process;
      if (child && !hasEnded(child)) await once(child, 'exit', { signal }).catch(() => undefined);
      if (signal.aborted) break;
      if (Date.now() - startedAt >= HEALTHY_AFTER_MS) crashes = 0;
      const delayMs = Math.min(FIRST_DELAY_MS * 2 ** crashes, MAX_DELAY_MS);
      crashes += 1;
      const how = child ? `ended (${child.signalCode ?? `exit code ${child.exitCode}`})` : 'did not start';
      log.say(`${name} ${how}; starting it again in ${delayMs} ms`, 'warn');
      await delay(delayMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) break;
      this.#process = await launch(signal).catch((error: Error) => {
        log.say(error.message, 'error');
        return undefined;
      });
      if (this.#process) this.#restarted.resolve();
    }
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
