import type { ReadStream } from 'node:tty';
import { isReaderGone } from '../../stop-signal.ts';

export interface StopRequestsOptions {
  /** A terminal on which to ask; undefined: do not ask. */
  terminal: ReadStream | undefined;
  /** Called to show or hide the question. */
  onAsking: (isAsking: boolean) => void;
}

/** What a terminal in raw mode sends for Ctrl-C. */
const CTRL_C = '\u0003';

const SIGNALS = ['SIGTERM', 'SIGHUP'] as const;

/**
 * What Ctrl-C means while queries run: on a terminal one key decides, and a second Ctrl-C means to leave.
 * Without a terminal, and for other signals, it means to leave: nobody asked to cancel queries.
 */
export class StopRequests implements Disposable {
  readonly #options: StopRequestsOptions;
  readonly #cancel = Promise.withResolvers<'cancel'>();
  readonly #leave = Promise.withResolvers<'leave'>();
  /** Resolves when the user cancels all queries. After that, Ctrl-C means to leave. */
  readonly cancel = this.#cancel.promise;
  /** Resolves when the user leaves the queries running, or nobody reads their rows. */
  readonly leave = this.#leave.promise;
  #isReaderGone = false;
  #isAsking = false;
  #isCancelling = false;

  constructor(options: StopRequestsOptions) {
    this.#options = options;
    process.on('SIGINT', this.#onInterrupt);
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    // Before main.ts's listener, which turns it into a signal.
    process.stdout.prependListener('error', this.#onStdoutError);
  }

  /** Whether nobody reads standard output any more. */
  get isReaderGone(): boolean {
    return this.#isReaderGone;
  }

  [Symbol.dispose](): void {
    this.#stopAsking();
    process.stdout.off('error', this.#onStdoutError);
    process.off('SIGINT', this.#onInterrupt);
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }

  readonly #onInterrupt = () => {
    const { terminal, onAsking } = this.#options;
    if (!terminal || this.#isAsking || this.#isCancelling) return this.#leave.resolve('leave');
    this.#isAsking = true;
    terminal.setRawMode(true).resume().on('data', this.#onKeys);
    onAsking(true);
  };

  readonly #onSignal = () => this.#leave.resolve('leave');

  readonly #onStdoutError = (error: unknown) => {
    if (!isReaderGone(error)) return;
    this.#isReaderGone = true;
    this.#leave.resolve('leave');
  };

  readonly #onKeys = (keys: Buffer) => {
    for (const key of String(keys)) if (this.#isAsking) this.#onKey(key);
  };

  #onKey(key: string): void {
    if (key === 'c') {
      this.#isCancelling = true;
      this.#cancel.resolve('cancel');
    } else if (key === 'l' || key === CTRL_C) {
      this.#leave.resolve('leave');
    } else if (key !== '\r' && key !== '\n') {
      return;
    }
    this.#stopAsking();
  }

  #stopAsking(): void {
    if (!this.#isAsking) return;
    this.#isAsking = false;
    this.#options.terminal?.off('data', this.#onKeys).pause().setRawMode(false);
    this.#options.onAsking(false);
  }
}
