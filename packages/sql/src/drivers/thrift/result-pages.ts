import { SqlConnectionError, SqlError } from '../../sql-error.ts';
import type { Dialect } from './dialect.ts';
import { isError } from './operation-status.ts';
import {
  int64,
  numberOf,
  type RequestOf,
  type TColumn,
  TFetchOrientation,
  type TFetchResultsResp,
} from './protocol.ts';

/** Rows and bytes of one answer: what is in memory at a time. Files of CloudFetch have a size of their own. */
export const MAX_ROWS = 100_000;
export const MAX_BYTES = 16 * 1024 * 1024;
/** Of the first answer, where only rows can be asked for: nothing is known of their width. */
const FIRST_ROWS = 32;
/** Of the later ones: as columns of the protocol, 10,000 rows of a few numbers take 50 MB here. */
const MOST_ROWS = 10_000;
/** How much an answer may grow beyond the one before: the next rows may be wider. */
const GROWTH = 8;

/** What is asked for, without the statement's handle. */
export type PageRequest = Omit<RequestOf<'FetchResults'>, 'operationHandle'>;

export interface ResultPagesOptions {
  dialect: Dialect;
  fetch: (request: PageRequest) => Promise<TFetchResultsResp>;
  /** Repeats work while its faults can pass. */
  persist: <T>(work: () => Promise<T>) => Promise<T>;
  /** Whether the server runs the query while its rows are fetched, and again when they are fetched again. */
  isIncremental: () => Promise<boolean>;
}

export interface RowProgress {
  /** Rows that have come. */
  received: number;
  /** Rows still wanted. */
  wanted: number;
  /** Whether the next ones have come, in a form that cannot be read any more. */
  isLost: boolean;
}

/**
 * Fetches a result in answers of at most 16 MB or so, each row once and in order, also when answers are lost: nobody knows
 * then whether the server has moved on.
 */
export class ResultPages {
  readonly #options: ResultPagesOptions;
  #rows: number;
  #hasCome = false;

  constructor(options: ResultPagesOptions) {
    this.#options = options;
    this.#rows = options.dialect.fetchesByOffset ? MAX_ROWS : FIRST_ROWS;
  }

  next(progress: RowProgress): Promise<TFetchResultsResp> {
    const { received, wanted } = progress;
    let { isLost } = progress;
    const rows = Math.min(this.#rows, wanted);
    const orientation = this.#hasCome ? TFetchOrientation.FETCH_NEXT : TFetchOrientation.FETCH_FIRST;
    return this.#options.persist(async () => {
      try {
        if (isLost) return await this.#again(received, rows);
        const response = await this.#ask(orientation, rows);
        // Another process fetches, too: one that has lost the task, and does not know it yet.
        const isElsewhere = startOf(response) !== received && startOf(response) !== 0 && !isError(response.status);
        return isElsewhere ? await this.#again(received, rows) : response;
      } catch (thrown) {
        isLost = true;
        throw thrown;
      }
    });
  }

  /** To be told of each answer. It sizes the next one, where the server does not heed a number of bytes. */
  came(response: TFetchResultsResp): void {
    this.#hasCome = true;
    const rows = rowCountIn(response);
    if (this.#options.dialect.fetchesByOffset || rows < Math.min(FIRST_ROWS, this.#rows)) return;
    const fitting = Math.floor((MAX_BYTES * rows) / Math.max(1, bytesIn(response)));
    this.#rows = Math.max(1, Math.min(fitting, this.#rows * GROWTH, MOST_ROWS));
  }

  async #again(received: number, rows: number): Promise<TFetchResultsResp> {
    const { dialect, isIncremental } = this.#options;
    if (received === 0) return this.#ask(TFetchOrientation.FETCH_FIRST, rows);
    if (dialect.fetchesByOffset) {
      return expectFrom(received, await this.#ask(TFetchOrientation.FETCH_NEXT, rows, received));
    }
    if (await isIncremental()) throw lost();
    // Its answer says where the server is, and FETCH_PRIOR goes back from there.
    const next = await this.#ask(TFetchOrientation.FETCH_NEXT, 1);
    const beyond = startOf(next) - received;
    if (beyond <= 0) return expectFrom(received, next);
    return expectFrom(received, await this.#ask(TFetchOrientation.FETCH_PRIOR, beyond));
  }

  async #ask(orientation: number, rows: number, offset?: number): Promise<TFetchResultsResp> {
    return this.#options.fetch({
      orientation,
      maxRows: int64(rows),
      maxBytes: int64(MAX_BYTES),
      fetchType: 0,
      ...(offset !== undefined && { startRowOffset: int64(offset) }),
    });
  }
}

/** Of columns; 0 for other forms. */
export function rowCountIn({ results }: TFetchResultsResp): number {
  return Math.max(0, ...(results?.columns ?? []).map((column) => valuesOf(column).length));
}

function bytesIn({ results }: TFetchResultsResp): number {
  let bytes = 0;
  for (const column of results?.columns ?? []) {
    for (const value of valuesOf(column)) bytes += (value as { length?: number }).length ?? 8;
  }
  return bytes;
}

/** Exactly one member of a column is there. */
function valuesOf(column: TColumn): readonly unknown[] {
  const [member] = Object.values(column).filter((value) => value !== null && value !== undefined);
  return (member as { values?: unknown[] } | undefined)?.values ?? [];
}

function startOf({ results }: TFetchResultsResp): number {
  return numberOf(results?.startRowOffset ?? results?.resultLinks?.[0]?.startRowOffset) ?? 0;
}

/** A server that does not count cannot be asked again: no rows could be the end, or a part that is lost. */
function expectFrom(row: number, response: TFetchResultsResp): TFetchResultsResp {
  if (isError(response.status) || startOf(response) === row) return response;
  throw new SqlError({
    code: 'incomplete',
    message: `An answer of the server was lost, and it sends row ${startOf(response)} instead of row ${row} now`,
  });
}

function lost(): SqlConnectionError {
  const message =
    'An answer with rows was lost, and they cannot be fetched again: the server collects incrementally (incrementalCollect)';
  return new SqlConnectionError({ fault: 'unreachable', message });
}
