import { setTimeout } from 'node:timers/promises';
import { abortable, endsWithin, pause } from '../../abortable.ts';
import { SqlError } from '../../sql-error.ts';
import type { Dialect } from './dialect.ts';
import { engineError } from './engine-errors.ts';
import { executeRequest, type StatementOptions } from './execute-request.ts';
import {
  ExpiredSessionError,
  forgotten,
  hasFailed,
  isError,
  isExpired,
  isExpiredHandle,
  isUnderWay,
  UnstoppedError,
} from './operation-status.ts';
import {
  type Method,
  numberOf,
  type RequestOf,
  type ResponseOf,
  type TFetchResultsResp,
  type TGetOperationStatusResp,
  type TGetResultSetMetadataResp,
  type TOperationHandle,
  TOperationState,
  type TSparkDirectResults,
  type TStatus,
} from './protocol.ts';
import { type PageRequest, ResultPages, type RowProgress, rowCountIn } from './result-pages.ts';
import type { Transport } from './transport.ts';

const FIRST_POLL_MS = 20;
const SLOWEST_POLL_MS = 1000;
/** If the server takes longer to send the handle of a statement, its session is closed. */
const HANDLE_WITHIN_MS = 400;
/** Where closing a session does not surely end what begins in it. */
const HANDLE_PATIENTLY_MS = 3000;
const STOP_WITHIN_MS = 3000;
const LOOK_WITHIN_MS = 1000;

export interface OperationOptions extends StatementOptions {
  dialect: Dialect;
  transport: Transport;
  deadline: number;
  signal: AbortSignal;
  /** Whether sending it twice does no harm. */
  reads: boolean;
  /** Whether the server runs a query while its rows are fetched. Asked when an answer was lost. */
  isIncremental?: () => Promise<boolean>;
}

/** A statement in the engine. */
export class Operation {
  state: number = TOperationState.INITIALIZED_STATE;
  readonly options: OperationOptions;
  readonly #handle: TOperationHandle;
  readonly #direct: TSparkDirectResults | undefined;
  #status: TGetOperationStatusResp | undefined;
  readonly #begunAt = performance.now();
  #isClosed: boolean;
  #incremental: boolean | undefined;

  /** A statement that another process has begun. */
  static resume(options: OperationOptions, handle: TOperationHandle): Operation {
    return new Operation(options, handle, undefined);
  }

  /** For the process that takes it over; undefined when the server has closed it already. */
  get handle(): TOperationHandle | undefined {
    return this.#isClosed ? undefined : this.#handle;
  }

  private constructor(options: OperationOptions, handle: TOperationHandle, direct: TSparkDirectResults | undefined) {
    this.options = options;
    this.#handle = handle;
    this.#direct = direct;
    this.#isClosed = Boolean(direct?.closeOperation);
  }

  /**
   * Begins a statement. If this rejects, none runs or will run (but see `UnstoppedError`).
   *
   * @throws {ExpiredSessionError} when the session is gone
   * @throws {SqlError} when the engine refuses the statement at once
   * @throws `signal.reason`
   * @throws {UnstoppedError} when the signal was aborted before the server sent the statement's handle
   * @param afterwards the signal that the statement heeds once it has begun
   */
  static async begin(options: OperationOptions, afterwards = options.signal): Promise<Operation> {
    const beginning = Operation.#begin(options, afterwards);
    try {
      return await abortable(beginning, options.signal);
    } catch (thrown) {
      if (!options.signal.aborted) throw thrown;
      const { dialect, reads } = options;
      const inTime = await endsWithin(dialect.cancelling ? HANDLE_PATIENTLY_MS : HANDLE_WITHIN_MS, beginning);
      const stopped = beginning.then((begun) => begun.stop(thrown));
      stopped.catch(() => undefined);
      if (!inTime) throw new UnstoppedError(thrown, `it was being sent${reads ? '' : ', and may have taken effect'}`);
      await stopped.catch((error: unknown) => {
        if (error instanceof UnstoppedError) throw error;
      });
      throw thrown;
    }
  }

  static async #begin(options: OperationOptions, afterwards: AbortSignal): Promise<Operation> {
    const { transport, statement } = options;
    const response = await transport
      .call('ExecuteStatement', executeRequest(options), options)
      .catch((thrown: unknown) => {
        throw isExpiredHandle(thrown) ? new ExpiredSessionError() : thrown;
      });
    const { status, operationHandle, directResults } = response;
    if (isExpired(status)) throw new ExpiredSessionError();
    if (isError(status)) throw engineError(status, statement);
    if (!operationHandle) throw new Error('The server began a statement but sent no handle');
    return new Operation({ ...options, signal: afterwards }, operationHandle, directResults ?? undefined);
  }

  /** @throws {SqlError} when the statement fails, or is stopped by somebody else */
  async finished(): Promise<void> {
    let pollMs = FIRST_POLL_MS;
    let status = this.#direct?.operationStatus ?? (await this.#poll());
    for (; isUnderWay(status); status = await this.#poll()) {
      this.state = status.operationState ?? TOperationState.RUNNING_STATE;
      await pause(pollMs, this.options.signal);
      pollMs = Math.min(pollMs * 1.5, SLOWEST_POLL_MS);
    }
    this.#status = status;
    this.state = status.operationState ?? TOperationState.FINISHED_STATE;
    if (this.state === TOperationState.FINISHED_STATE) return;
    const isSilent = !status.displayMessage && !status.errorMessage;
    const isTimeLimit = isSilent && this.state === TOperationState.TIMEDOUT_STATE;
    if (!isTimeLimit && this.state !== TOperationState.CANCELED_STATE && this.state !== TOperationState.CLOSED_STATE) {
      throw engineError(status, this.options.statement);
    }
    const why = isTimeLimit ? 'its time limit was reached' : 'an administrator did, or a limit there';
    const message = `The server stopped the statement: ${why}`;
    // As the standard of the call-level interface has them: a state says what no text does.
    throw new SqlError({ code: 'failed', message, engineCode: isTimeLimit ? 'HYT00' : 'HY008' });
  }

  get hasFinished(): boolean {
    return this.state === TOperationState.FINISHED_STATE;
  }

  /** Undefined for a statement that returns no rows. */
  async metadata(): Promise<TGetResultSetMetadataResp | undefined> {
    const { hasResultSet } = this.#status ?? {};
    if (!(typeof hasResultSet === 'boolean' ? hasResultSet : this.#handle.hasResultSet)) return undefined;
    const metadata =
      this.#direct?.resultSetMetadata ?? (await this.#call('GetResultSetMetadata', { operationHandle: this.#handle }));
    this.#expectSuccess(metadata.status);
    return metadata;
  }

  /** How many rows the statement changed, if the server says it here. */
  get modifiedRows(): number | undefined {
    return numberOf(this.#status?.numModifiedRows);
  }

  /** The rows, as they come. Nothing is fetched before the next ones are asked for. @param progress of its reader */
  async *rowSets(progress: () => RowProgress): AsyncGenerator<TFetchResultsResp> {
    const pages = new ResultPages({
      dialect: this.options.dialect,
      fetch: (request) => this.#fetch(request),
      persist: (work) => this.#persist(work),
      isIncremental: () => this.#isIncremental(),
    });
    let response = this.#direct?.resultSet ?? (await pages.next(progress()));
    for (;;) {
      this.#expectSuccess(response.status);
      pages.came(response);
      yield response;
      if (this.#isClosed) return;
      // The flag is not reliable for columns: there an answer without rows is the end, as in the library.
      if (!response.hasMoreRows && rowCountIn(response) === 0 && !progress().isLost) return;
      response = await pages.next(progress());
    }
  }

  /** Whether the server says that it has given all rows, and closed the statement by itself. */
  get isClosedByServer(): boolean {
    return Boolean(this.#direct?.closeOperation);
  }

  /**
   * Ends the statement in the engine, if it runs.
   *
   * @param cause why
   * @throws {UnstoppedError} when it has not surely ended
   */
  async stop(cause: unknown): Promise<void> {
    if (this.#isClosed) return;
    if (hasFailed(this.state)) return this.close();
    const { cancelling } = this.options.dialect;
    if (cancelling) await this.#untilAged(cancelling.takesMs);
    const why = await this.#quietly('CancelOperation');
    if (why !== undefined) throw new UnstoppedError(cause, why);
    if (!this.options.reads) await this.#lookAgain();
    // Closing cancels once more, which closing the session does later.
    if (cancelling) throw new UnstoppedError(cause);
    await this.close();
  }

  /** A cancel that came too late is confirmed, too. */
  async #lookAgain(): Promise<void> {
    const asked = this.options.transport.endpoint.call('GetOperationStatus', { operationHandle: this.#handle }, {});
    const late = setTimeout(LOOK_WITHIN_MS, undefined, { ref: false });
    const status = await Promise.race([asked, late]).catch(() => undefined);
    this.state = status?.operationState ?? this.state;
  }

  async #untilAged(ms: number): Promise<void> {
    const left = this.#begunAt + ms - performance.now();
    if (left > 0) await setTimeout(left);
  }

  /** Frees what the server keeps of it. Never rejects. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#quietly('CloseOperation');
  }

  /** @returns why it was in vain */
  async #quietly(method: 'CancelOperation' | 'CloseOperation'): Promise<string | undefined> {
    const signal = AbortSignal.timeout(STOP_WITHIN_MS);
    const limits = { signal, deadline: performance.now() + STOP_WITHIN_MS, persists: true };
    const call = this.options.transport.call(method, { operationHandle: this.#handle }, limits);
    try {
      const { status } = await abortable(call, signal);
      return isError(status) && !isExpired(status) ? (status.errorMessage ?? 'it refused the cancel') : undefined;
    } catch (thrown) {
      if (isExpiredHandle(thrown)) return undefined;
      return signal.aborted ? 'it did not answer the cancel' : (thrown as Error).message;
    }
  }

  async #poll(): Promise<TGetOperationStatusResp> {
    const status = await this.#call('GetOperationStatus', { operationHandle: this.#handle });
    this.#expectSuccess(status.status);
    return status;
  }

  /** One try. A query that runs in it takes its time. */
  #fetch(page: PageRequest): Promise<TFetchResultsResp> {
    const { transport } = this.options;
    const isAlive = async () => (await this.#isIncremental().catch(() => false)) && transport.answers();
    return transport.endpoint.call('FetchResults', { operationHandle: this.#handle, ...page }, { isAlive });
  }

  async #isIncremental(): Promise<boolean> {
    this.#incremental ??= await this.options.isIncremental?.();
    return this.#incremental ?? false;
  }

  #persist<T>(work: () => Promise<T>): Promise<T> {
    return this.#known(this.options.transport.persist(work, this.options));
  }

  #call<M extends Method>(method: M, request: RequestOf<M>): Promise<ResponseOf<M>> {
    return this.#known(this.options.transport.call(method, request, { ...this.options, persists: true }));
  }

  async #known<T>(work: Promise<T>): Promise<T> {
    try {
      return await abortable(work, this.options.signal);
    } catch (thrown) {
      throw isExpiredHandle(thrown) ? forgotten() : thrown;
    }
  }

  #expectSuccess(status: TStatus): void {
    if (isExpired(status)) throw forgotten();
    if (isError(status)) throw engineError(status, this.options.statement);
  }
}
