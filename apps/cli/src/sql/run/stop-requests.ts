import type { ReadStream } from 'node:tty';
import { isReaderGone } from '../../stop-signal.ts';

export interface StopRequestsOptions {
  /** A terminal on which to ask; undefined when there is nobody to be asked. */
  terminal: ReadStream | undefined;
  /** Called when the question is to be shown, or no longer. */
  onAsking: (isAsking: boolean) => void;
}

/** As which a terminal in raw mode sends Ctrl-C. */
const CTRL_C = '\u0003';

const SIGNALS = ['SIGTERM', 'SIGHUP'] as const;

/**
 * What a user wants who presses Ctrl-C while queries run: on a terminal one key says it, and a second Ctrl-C means to
 * leave. Without a terminal, and for other signals, it is to leave: nobody has said that queries are to be cancelled.
 */
export class StopRequests implements Disposable {
  readonly #options: StopRequestsOptions;
  readonly #cancel = Promise.withResolvers<'cancel'>();
  readonly #leave = Promise.withResolvers<'leave'>();
  #isReaderGone = false;
  #isAsking = false;
  #isCancelling = false;

  constructor(options: StopRequestsOptions) {
    this.#options = options;
    process.on('SIGINT', this.#onInterrupt);
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    // Before the listener of main.ts, which turns it into a signal.
    process.stdout.prependListener('error', this.#onStdoutError);
  }

  /** Resolves when all queries are to be cancelled. After that, Ctrl-C means to leave. */
  get cancel(): Promise<'cancel'> {
    return this.#cancel.promise;
  }

  /** Resolves when the queries are to be left alone, also because nobody reads what they bring. */
  get leave(): Promise<'leave'> {
    return this.#leave.promise;
  }

  /** Whether nobody reads standard output any more: there is nothing to show, and nobody to tell. */
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
