import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { LogSink } from './json-lines.ts';
import { RestartDelay } from './restart-delay.ts';

export interface SupervisedOptions {
  name: string;
  /** Starts the process and resolves when it is ready; ends it, and rejects, when the signal is aborted before. */
  launch: (signal: AbortSignal) => Promise<ChildProcess>;
  log: LogSink;
}

/** Keeps one process running: when it ends without having been asked to, it is started again, ever later. */
export class Supervised {
  readonly name: string;
  readonly #options: SupervisedOptions;
  readonly #restartDelay = new RestartDelay();
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;
  #keeping: Promise<void> | undefined;
  /** Settles when the process that is being launched, if any, is `#child`. */
  #launched: Promise<void> = Promise.resolve();

  /** @param running a process that runs already. */
  constructor(options: SupervisedOptions, running?: ChildProcess) {
    this.name = options.name;
    this.#options = options;
    this.#child = running;
  }

  /** Resolves when the process is ready. Rejects when it does not get there the first time: no restart mends that. */
  async start(): Promise<void> {
    this.#child ??= await this.#options.launch(this.#stopping.signal);
    this.#keeping = this.#keepRunning(this.#child);
  }

  /**
   * Asks the process to stop, and kills it when it takes too long.
   *
   * @param timeoutMs how long it may take.
   */
  async stop(timeoutMs: number): Promise<void> {
    this.#stopping.abort();
    await this.#launched;
    const child = this.#child;
    if (child && !hasEnded(child)) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const late = await Promise.race([ended, delay(timeoutMs, 'late' as const, { ref: false })]);
      if (late === 'late') {
        this.#options.log.say(`${this.name} did not stop within ${timeoutMs} ms and is killed`, 'warn');
        child.kill('SIGKILL');
        await ended;
      }
    }
    await this.#keeping;
  }

  async #keepRunning(first: ChildProcess): Promise<void> {
    const { log, launch } = this.#options;
    let child: ChildProcess | undefined = first;
    while (!this.#stopping.signal.aborted) {
      const startedAt = Date.now();
      if (child && !hasEnded(child)) await once(child, 'exit');
      if (this.#stopping.signal.aborted) return;
      const delayMs = this.#restartDelay.next(Date.now() - startedAt);
      const how = child ? `ended (${child.signalCode ?? `exit code ${child.exitCode}`})` : 'did not start';
      log.say(`${this.name} ${how}; starting it again in ${delayMs} ms`, 'warn');
      await delay(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      if (this.#stopping.signal.aborted) return;
      this.#child = undefined;
      this.#launched = launch(this.#stopping.signal).then(
        (launched) => {
          this.#child = launched;
        },
        (error: Error) => log.say(error.message, 'error'),
      );
      await this.#launched;
      child = this.#child;
    }
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
