import { pause } from '../../abortable.ts';
import { connectionError } from './connection-faults.ts';
import { Endpoint } from './endpoint.ts';
import { NetworkError } from './http-exchange.ts';
import { HttpFault } from './http-fault.ts';
import { isExpiredHandle, LostStatementError } from './operation-status.ts';
import type { ThriftOptions } from './options.ts';
import type { Method, RequestOf, ResponseOf, TOperationHandle } from './protocol.ts';

/** Retries of a call that may be in vain, such as the first one to a host: within about 4 s. */
const MAX_ATTEMPTS = 5;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;
/** The server may ask for a longer one. */
const LONGEST_ASKED_MS = 60_000;

/** Whatever is said of it is an answer. */
const NO_STATEMENT: TOperationHandle = {
  operationId: { guid: Buffer.alloc(16), secret: Buffer.alloc(16) },
  operationType: 0,
  hasResultSet: false,
};

export interface RetryOptions {
  /** Ends all attempts. A request under way cannot be taken back: its answer is still awaited. */
  signal: AbortSignal;
  /** No attempt begins after this moment (`performance.now()`). */
  deadline: number;
  /** Whether it is made again until the deadline: for calls about a statement that runs. Default: some seconds. */
  persists?: boolean;
}

export interface CallOptions extends RetryOptions {
  /** Of ExecuteStatement: whether doing it twice does no harm. Default: true. */
  reads?: boolean;
  /** Whether the server answers others; a call that says nothing goes on for so long. */
  isAlive?: () => Promise<boolean>;
}

/** Calls, made again after faults that can pass. */
export class Transport {
  readonly endpoint: Endpoint;
  readonly #options: ThriftOptions;

  constructor(options: ThriftOptions) {
    this.#options = options;
    this.endpoint = new Endpoint(options);
  }

  /**
   * @throws {SqlConnectionError} when no answer came
   * @throws {LostStatementError} when it may have begun a statement, and no answer came
   * @throws {HttpFault} `Invalid SessionHandle`, which some gateways say by HTTP
   */
  async call<M extends Method>(method: M, request: RequestOf<M>, options: CallOptions): Promise<ResponseOf<M>> {
    const { isAlive, reads = true } = options;
    const begins = method === 'ExecuteStatement';
    let wasSent = false;
    const once = async () => {
      wasSent = false;
      const onSend = () => {
        wasSent = true;
      };
      return this.endpoint.call(method, request, { onSend, isAlive, isFresh: begins && !reads });
    };
    const mayPass = (thrown: unknown) => !begins || !wasSent || !mayHaveBegun(thrown, reads);
    try {
      return await retrying(once, { ...options, mayPass, isKnown: () => this.endpoint.hasAnswered });
    } catch (thrown) {
      options.signal.throwIfAborted();
      if (isExpiredHandle(thrown)) throw thrown;
      const error = connectionError(thrown, this.#options);
      throw mayPass(thrown) ? error : new LostStatementError(error.message, error.fault);
    }
  }

  /** Whether the server answers at all. */
  answers(): Promise<boolean> {
    return this.endpoint.call('GetOperationStatus', { operationHandle: NO_STATEMENT }, {}).then(
      () => true,
      (thrown) => thrown instanceof HttpFault,
    );
  }

  /** Any work of tries, until the deadline. @throws as `call` */
  async persist<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
    try {
      return await retrying(work, { ...options, persists: true });
    } catch (thrown) {
      options.signal.throwIfAborted();
      throw thrown instanceof NetworkError || thrown instanceof HttpFault
        ? connectionError(thrown, this.#options)
        : thrown;
    }
  }
}

interface Retrying extends RetryOptions {
  /** Whether trying again does no harm. Default: it does none. */
  mayPass?: (thrown: unknown) => boolean;
  /** Whether the server has ever answered, so that its address is right. Default: nobody knows. */
  isKnown?: () => boolean;
}

/** Also for downloads. @throws what `work` throws at last */
export async function retrying<T>(work: () => Promise<T>, options: Retrying): Promise<T> {
  const { signal, deadline, persists = false, mayPass = () => true, isKnown = () => false } = options;
  for (let attempt = 1; ; attempt += 1) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (thrown) {
      signal.throwIfAborted();
      const pauseMs = mayPass(thrown) ? pauseBefore({ thrown, attempt, persists, isKnown: isKnown() }) : undefined;
      if (pauseMs === undefined) throw thrown;
      const leftMs = deadline - performance.now();
      // The server may ask for more time than the statement has.
      if (pauseMs > leftMs && !(persists && leftMs > LONGEST_PAUSE_MS)) throw thrown;
      await pause(Math.min(pauseMs, Math.max(leftMs - LONGEST_PAUSE_MS, LONGEST_PAUSE_MS)), signal);
    }
  }
}

/** Whether a server may have begun a statement before this fault. Only 429 says "not now" for certain. */
function mayHaveBegun(thrown: unknown, reads: boolean): boolean {
  if (thrown instanceof NetworkError) return thrown.wasSent;
  if (!(thrown instanceof HttpFault)) return true;
  if (thrown.status === 503) return !reads && thrown.retryAfterMs === undefined;
  return thrown.status < 300 || thrown.status >= 500;
}

interface Failed {
  thrown: unknown;
  /** From 1. */
  attempt: number;
  persists: boolean;
  isKnown: boolean;
}

/** Undefined: this does not pass, or a first call should say it at once. */
function pauseBefore({ thrown, attempt, persists, isKnown }: Failed): number | undefined {
  const ownMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
  const isEarly = attempt < MAX_ATTEMPTS;
  if (thrown instanceof NetworkError) return persists || (isKnown && isEarly) ? ownMs : undefined;
  if (!(thrown instanceof HttpFault)) return undefined;
  const { status, retryAfterMs = 0 } = thrown;
  if (status === 429 || status === 503) return Math.max(ownMs, Math.min(retryAfterMs, LONGEST_ASKED_MS));
  const isGateway = status < 300 || status === 408 || status === 502 || status === 504;
  return (isGateway && persists) || (status >= 500 && isEarly) ? ownMs : undefined;
}
