import { pause } from '../../abortable.ts';
import { connectionError } from './connection-faults.ts';
import { HttpFault } from './http-fault.ts';
import { ChangedLibraryError, Library } from './library.ts';
import type { ThriftOptions } from './options.ts';
import type { Method, RequestOf, ResponseOf } from './protocol.ts';

/** Calls that do the same when they are made twice. The others may have had their effect although no answer came. */
const REPEATABLE: ReadonlySet<Method> = new Set<Method>([
  'GetOperationStatus',
  'GetResultSetMetadata',
  'CancelOperation',
  'CloseOperation',
  'CloseSession',
]);

/** Retries if the server does not say when to retry: within about 4 s. If it does, until the deadline. */
const MAX_ATTEMPTS = 5;
const FIRST_PAUSE_MS = 250;

export interface CallOptions {
  /** Ends all attempts. A request under way cannot be taken back: its answer is still awaited. */
  signal: AbortSignal;
  /** No attempt begins after this moment (`performance.now()`). */
  deadline: number;
}

/**
 * Calls with retries where these are safe: any call that the server has answered by "not now" (429, 503), and calls that
 * may be repeated also after other faults.
 */
export class Transport {
  readonly library: Library;
  readonly #options: ThriftOptions;

  constructor(options: ThriftOptions) {
    this.#options = options;
    this.library = new Library(options);
  }

  /**
   * @throws {SqlConnectionError} when no answer came
   * @throws {HttpFault} `Invalid SessionHandle`, which some gateways say by HTTP
   */
  async call<M extends Method>(method: M, request: RequestOf<M>, options: CallOptions): Promise<ResponseOf<M>> {
    const repeatable = REPEATABLE.has(method);
    // A gateway may answer 503 although the warehouse has begun: a change must not be made twice.
    const changesThings = method === 'ExecuteStatement' && !this.#options.readOnly;
    try {
      return await retrying(() => this.library.call(method, request), { ...options, repeatable, changesThings });
    } catch (thrown) {
      options.signal.throwIfAborted();
      if (isExpiredHandle(thrown) || thrown instanceof ChangedLibraryError) throw thrown;
      throw connectionError(thrown, this.#options);
    }
  }
}

export interface RetryOptions extends CallOptions {
  /** Whether `work` may be repeated even if its outcome is unknown. */
  repeatable: boolean;
  /** Whether doing it twice does harm: then only 429 proves that it was not begun. Default: false. */
  changesThings?: boolean;
}

/** Also for downloads. @throws what `work` throws at last */
export async function retrying<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { signal, deadline, repeatable, changesThings = false } = options;
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (thrown) {
      signal.throwIfAborted();
      const pauseMs = pauseBefore({ thrown, attempt, repeatable, changesThings });
      if (pauseMs === undefined || performance.now() + pauseMs > deadline) throw thrown;
      await pause(pauseMs, signal);
    }
  }
}

export function isExpiredHandle(thrown: unknown): boolean {
  return thrown instanceof HttpFault && saysExpired(thrown.serverMessage);
}

/** The server has only words for it: `Invalid SessionHandle: SessionHandle […]`, `Session […] is closed`. */
export function saysExpired(message: string): boolean {
  return /Invalid (?:Session|Operation)Handle|Session \S+ (?:is closed|has expired|does not exist)/i.test(message);
}

interface PauseOptions extends Required<Pick<RetryOptions, 'repeatable' | 'changesThings'>> {
  thrown: unknown;
  attempt: number;
}

/** Undefined: this cannot be tried again. */
function pauseBefore(options: PauseOptions): number | undefined {
  const { thrown, attempt, repeatable, changesThings } = options;
  const isNotNow = thrown instanceof HttpFault && (thrown.status === 429 || (thrown.status === 503 && !changesThings));
  if (isNotNow && thrown.retryAfterMs !== undefined) return Math.max(thrown.retryAfterMs, FIRST_PAUSE_MS);
  const isLasting = thrown instanceof HttpFault && thrown.status < 500;
  if (attempt >= MAX_ATTEMPTS || !(isNotNow || (repeatable && !isLasting))) return undefined;
  return FIRST_PAUSE_MS * 2 ** (attempt - 1);
}
