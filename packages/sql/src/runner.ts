import { endsWithin } from './abortable.ts';
import { interruptible } from './interruptible.ts';
import { Pending } from './pending.ts';
import { SqlError } from './sql-error.ts';

export interface RunnerOptions {
  /** Closing waits no longer for what was cancelled; undefined for as long as that takes. */
  endWithinMs?: number;
  /** Frees what the driver holds. Called once, when nothing runs any more. */
  close: () => Promise<void> | undefined;
}

export interface RunOptions<T> {
  /** Its signal is also aborted when the driver is closed. */
  work: (signal: AbortSignal) => Promise<T>;
  /** As for `interruptible`. Undefined where the work watches the signal itself. */
  interrupt?: () => void;
  signal: AbortSignal;
}

/** What a driver runs. Disposing cancels all of it, waits for its end, and closes the driver. */
export class Runner implements AsyncDisposable {
  readonly #options: RunnerOptions;
  readonly #closing = new AbortController();
  readonly #pending = new Pending();
  #disposed: Promise<void> | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /**
   * The outcome of the work. It may go on for a while after an abort; then disposing waits for it.
   *
   * @throws `signal.reason` soon after the abort
   * @throws {SqlError} `cancelled` when the driver is closed
   */
  async run<T>({ work, interrupt = () => undefined, signal: asked }: RunOptions<T>): Promise<T> {
    const signal = AbortSignal.any([asked, this.#closing.signal]);
    signal.throwIfAborted();
    const running = work(signal);
    this.#pending.add(running);
    return interruptible({ work: running, interrupt, signal });
  }

  /** For work that nobody waits for but disposing. */
  inBackground(work: Promise<unknown>): void {
    this.#pending.add(work);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose();
    return this.#disposed;
  }

  async #dispose(): Promise<void> {
    const { endWithinMs, close } = this.#options;
    const message = 'The connection was closed before the query had ended';
    this.#closing.abort(new SqlError({ code: 'cancelled', message }));
    const ended = this.#pending.ended();
    await (endWithinMs === undefined ? ended : endsWithin(endWithinMs, ended));
    await close();
  }
}
