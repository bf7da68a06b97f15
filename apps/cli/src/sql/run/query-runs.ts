import { setTimeout as delay } from 'node:timers/promises';
import { TaskLostError, type TaskwireClient } from '@taskwire/client';
import { newTaskId, type TaskEvent } from '@taskwire/protocol';
import { type Query, type QueryOptions, queryRequest } from '../ask/query.ts';
import { openRuns, type QueryRun } from './query-run.ts';

export interface QueryRunsOptions {
  client: TaskwireClient;
  queries: readonly Query[];
  options: QueryOptions & { concurrency: number };
  /** Called when a query has its result, or is lost. The next one does not begin before it has resolved. */
  onEnded: (run: QueryRun) => Promise<void>;
  /** Called with a note for people while nobody answers, and with undefined when somebody answers again. */
  onNote?: ((note: string | undefined) => void) | undefined;
}

const WATCH_AGAIN_MS = 1000;

/** Codes of errors that say nothing about a task: nobody answered. */
const SILENCE: readonly unknown[] = ['redis_unavailable', 'no_processor', 'no_answer'];

function isSilence(error: unknown): boolean {
  return SILENCE.includes((error as { code?: unknown } | undefined)?.code);
}

/** Submits queries, a few at a time, and waits for their results, all over one subscription. */
export class QueryRuns {
  readonly runs: readonly QueryRun[];
  readonly #options: QueryRunsOptions;
  readonly #byTaskId: ReadonlyMap<string, QueryRun>;
  readonly #ended = new AbortController();
  #startsMore = true;

  constructor(options: QueryRunsOptions) {
    this.#options = options;
    this.runs = options.queries.map((query) => ({ query, taskId: newTaskId(), state: { status: 'waiting' } }));
    this.#byTaskId = new Map(this.runs.map((run) => [run.taskId, run]));
  }

  /**
   * Resolves when all submitted queries have their results.
   *
   * @throws the first error, after the others have their results, or their errors. Submitted queries go on then.
   */
  async run(): Promise<void> {
    const watching = this.#watch();
    const next = this.runs.values();
    const faults: unknown[] = [];
    const lane = async () => {
      for (const run of next) if (this.#startsMore) await this.#runOne(run);
    };
    const onFault = (fault: unknown) => {
      faults.push(fault);
      this.#startsMore = false;
      // If others are answered again, their results are worth waiting for.
      if (!isSilence(fault)) this.#ended.abort();
    };
    await Promise.all(Array.from({ length: this.#options.options.concurrency }, () => lane().catch(onFault)));
    this.#ended.abort();
    await watching;
    if (faults.length > 0) throw faults[0];
  }

  /** Submits nothing more. */
  startNoMore(): void {
    this.#startsMore = false;
  }

  /** Submits nothing more and cancels the open queries. Resolves with those that do not end in time or get no answer. */
  async cancel(): Promise<QueryRun[]> {
    this.startNoMore();
    const left = await Promise.all(
      openRuns(this.runs).map(async (run) => {
        try {
          const { status } = await this.#options.client.cancel(run.taskId);
          return status === 'cancelled' || status === 'finished' ? [] : [run];
        } catch (error) {
          if (!isSilence(error)) throw error;
          return [run];
        }
      }),
    );
    return left.flat();
  }

  async #runOne(run: QueryRun): Promise<void> {
    const { client, options, onEnded, onNote } = this.#options;
    const onSent = () => {
      if (run.state.status === 'waiting') run.state = { status: 'submitted', sinceMs: Date.now() };
    };
    const onSilence = (note: string | undefined) => {
      onNote?.(note);
      if (!('sinceMs' in run.state)) return;
      const { status, sinceMs } = run.state;
      run.state = { status, sinceMs, ...(note !== undefined && { note }) };
    };
    try {
      const request = queryRequest(run.query, run.taskId, options);
      const result = await client.run(request, { signal: this.#ended.signal, onSent, onSilence });
      run.state = { status: 'ended', result };
    } catch (error) {
      if (!(error instanceof TaskLostError)) throw error;
      run.state = { status: 'lost' };
    }
    await onEnded(run);
  }

  /** Events are only for display: results come without them too. */
  async #watch(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      try {
        for await (const watched of this.#options.client.watch({ signal })) {
          if (watched.kind === 'event') this.#hear(watched.event);
        }
      } catch {}
      await delay(WATCH_AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  #hear(event: TaskEvent): void {
    const run = this.#byTaskId.get(event.task_id ?? '');
    if (!run || !('sinceMs' in run.state)) return;
    const { sinceMs, status } = run.state;
    // A quick worker's `started` may come before the processor's `accepted`.
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
