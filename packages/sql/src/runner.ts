import { endsWithin } from './abortable.ts';
import { Pending } from './pending.ts';
import { SqlError, StillRunsError } from './sql-error.ts';

/** An engine that has not stopped by then is left to stop on its own. */
const GRACE_MS = 100;
/** Of one that confirms the end: a little less than a handler has after its abort. */
const CONFIRM_WITHIN_MS = 4500;
const INTERRUPT_AGAIN_AFTER_MS = 20;

export interface RunnerOptions {
  /** Longest wait of closing for cancelled statements; undefined: no limit. */
  endWithinMs?: number;
  /** Whether aborted work ends when the engine has confirmed its end, or with a `StillRunsError`. Default: false. */
  confirms?: boolean;
  /** Frees what the driver holds. Called once, when nothing runs any more. */
  close: () => Promise<void> | undefined;
}

export interface RunOptions<T> {
  /** Work that runs in the engine. Its signal is also aborted when the driver is closed. */
  work: (signal: AbortSignal) => Promise<T>;
  /** Asks the engine to stop; then the work soon rejects. Called repeatedly. Default: the work reacts to the signal. */
  interrupt?: () => void;
  signal: AbortSignal;
}

/** The running statements of a driver. Disposing cancels all, waits for their end, and closes the driver. */
export class Runner implements AsyncDisposable {
  readonly #options: RunnerOptions;
  readonly #closing = new AbortController();
  readonly #pending = new Pending();
  #disposed: Promise<void> | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /**
   * The outcome of the work, or a rejection with the signal's reason at most 100 ms after the abort, or 4.5 s if the engine
   * confirms the end.
   *
   * The rejection waits that long for the engine, so that usually nothing runs any more when the caller gets it. The
   * interrupt is repeated, because one that arrives between two steps of the engine is lost.
   *
   * @throws {SqlError} `cancelled` when the driver is closed
   * @throws {StillRunsError} when the end was to be confirmed, and was not
   */
  async run<T>({ work, interrupt = () => undefined, signal: asked }: RunOptions<T>): Promise<T> {
    const signal = AbortSignal.any([asked, this.#closing.signal]);
    signal.throwIfAborted();
    const { confirms = false } = this.#options;
    const overdue = Promise.withResolvers<never>();
    let again: NodeJS.Timeout | undefined;
    let grace: NodeJS.Timeout | undefined;
    const onAbort = () => {
      interrupt();
      again = setInterval(interrupt, INTERRUPT_AGAIN_AFTER_MS);
      const late = confirms ? new StillRunsError('it does not answer') : signal.reason;
      grace = setTimeout(() => overdue.reject(late), confirms ? CONFIRM_WITHIN_MS : GRACE_MS);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const running = work(signal).finally(() => {
      signal.removeEventListener('abort', onAbort);
      clearInterval(again);
      clearTimeout(grace);
    });
    this.#pending.add(running);
    try {
      const outcome = await Promise.race([running, overdue.promise]);
      signal.throwIfAborted();
      return outcome;
    } catch (thrown) {
      const isUnsure = asked.aborted && thrown instanceof StillRunsError;
      throw signal.aborted && !isUnsure ? signal.reason : thrown;
    }
  }

  /** For background work that only disposing waits for. */
  inBackground(work: Promise<unknown>): void {
    this.#pending.add(work);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose();
    return this.#disposed;
  }

  async #dispose(): Promise<void> {
    const { endWithinMs, close } = this.#options;
    const message = 'The connection was closed before the query ended';
    this.#closing.abort(new SqlError({ code: 'cancelled', message }));
    const ended = this.#pending.ended();
    await (endWithinMs === undefined ? ended : endsWithin(endWithinMs, ended));
    await close();
  }
}
