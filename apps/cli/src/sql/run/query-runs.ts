import { NoProcessorError, NoReceiptError, type Receipt, type TaskwireClient } from '@taskwire/client';
import { InvalidRequestError, newTaskId, type RequestInput, type TaskEvent } from '@taskwire/protocol';
import type { Query } from '../ask/query.ts';
import type { RunOptions } from '../ask/run-options.ts';
import { isRowFormat } from '../show/format.ts';
import { openRuns, type QueryRun } from './query-run.ts';

export interface QueryRunsOptions {
  client: TaskwireClient;
  queries: readonly Query[];
  options: Pick<RunOptions, 'connection' | 'concurrency' | 'timeoutMs' | 'format'>;
  /** Called when a query has its result. The next one does not begin before it has resolved. */
  onEnded: (run: QueryRun) => Promise<void>;
}

/** A processor takes a request within milliseconds; when it has been replaced just then, within seconds. */
const RECEIPT_TIMEOUT_MS = 15_000;

/** Submits queries, a few at a time, and waits for their results. Whatever it hears of them comes over one subscription. */
export class QueryRuns {
  readonly runs: readonly QueryRun[];
  readonly #options: QueryRunsOptions;
  readonly #byTaskId: ReadonlyMap<string, QueryRun>;
  #startsMore = true;
  #wasAnswered = false;

  constructor(options: QueryRunsOptions) {
    this.#options = options;
    this.runs = options.queries.map((query) => ({ query, taskId: newTaskId(), state: { status: 'waiting' } }));
    this.#byTaskId = new Map(this.runs.map((run) => [run.taskId, run]));
  }

  /**
   * Resolves when all that were submitted have their results.
   *
   * @throws what the client throws when it cannot reach anybody; what was submitted goes on then.
   */
  async run(): Promise<void> {
    const ended = new AbortController();
    const watching = this.#watch(ended.signal);
    const next = this.runs.values();
    const lane = async () => {
      for (const run of next) if (this.#startsMore) await this.#runOne(run, ended.signal);
    };
    const lanes = Array.from({ length: this.#options.options.concurrency }, lane);
    try {
      await Promise.all(lanes);
    } finally {
      this.#startsMore = false;
      ended.abort();
      await Promise.allSettled([...lanes, watching]);
    }
  }

  /** Submits nothing more, and cancels what was. Resolves with those that do not end in time, or that nobody knows. */
  async cancel(): Promise<QueryRun[]> {
    this.#startsMore = false;
    const left = await Promise.all(
      openRuns(this.runs).map(async (run) => {
        const { status } = await this.#options.client.cancel(run.taskId);
        return status === 'cancelled' || status === 'finished' ? [] : [run];
      }),
    );
    return left.flat();
  }

  async #runOne(run: QueryRun, signal: AbortSignal): Promise<void> {
    const { client, onEnded } = this.#options;
    run.state = { status: 'submitted', sinceMs: Date.now() };
    const receipt = await this.#deliver(run);
    const result = receipt.status === 'accepted' ? await client.wait(run.taskId, { signal }) : receipt.result;
    run.state = { status: 'ended', result };
    await onEnded(run);
  }

  async #deliver(run: QueryRun): Promise<Receipt> {
    try {
      const receipt = await this.#options.client.deliver(this.#requestOf(run), { timeoutMs: RECEIPT_TIMEOUT_MS });
      this.#wasAnswered = true;
      return receipt;
    } catch (error) {
      const isNotSent = error instanceof NoProcessorError || error instanceof InvalidRequestError;
      const isNobodyThere = !this.#wasAnswered && !(error instanceof NoReceiptError);
      // Of all else that goes wrong, the request may have been taken.
      if (isNotSent || isNobodyThere) run.state = { status: 'waiting' };
      throw error;
    }
  }

  #requestOf({ query, taskId }: QueryRun): RequestInput {
    const { connection, timeoutMs, format } = this.#options.options;
    return {
      task_id: taskId,
      task_type: 'sql_query',
      // Who finds the task elsewhere, on the dashboard or by `watch`, sees which of many it is.
      metadata: { name: query.name },
      parameters: {
        query: query.text.trim(),
        ...(connection !== undefined && { connection }),
        ...(isRowFormat(format) && { format }),
      },
      ...(timeoutMs !== undefined && { timeout_ms: timeoutMs }),
    };
  }

  /** Events are for the eye alone: results come without them too. */
  async #watch(signal: AbortSignal): Promise<void> {
    try {
      for await (const watched of this.#options.client.watch({ signal })) {
        if (watched.kind === 'event') this.#hear(watched.event);
      }
    } catch {}
  }

  #hear(event: TaskEvent): void {
    const run = this.#byTaskId.get(event.task_id ?? '');
    if (!run || !('sinceMs' in run.state)) return;
    const { sinceMs, status } = run.state;
    // A quick worker says that it has started before the processor says that it has accepted.
    if (event.event === 'accepted' && status !== 'submitted') return;
    const heard = heardOf(event);
    if (heard) run.state = { ...heard, sinceMs };
  }
}

interface Heard {
  status: 'queued' | 'running';
  note?: string;
}

function heardOf(event: TaskEvent): Heard | undefined {
  switch (event.event) {
    case 'accepted':
      return { status: 'queued' };
    case 'started':
      return { status: 'running' };
    case 'progress':
      return { status: 'running', note: `${Math.round(event.progress * 100)} % ${event.message ?? ''}`.trimEnd() };
    case 'retrying':
      return { status: 'queued', note: `to be tried again: ${event.error}` };
    case 'cancel_requested':
      return { status: 'running', note: 'is being cancelled' };
    default:
      return undefined;
  }
}
