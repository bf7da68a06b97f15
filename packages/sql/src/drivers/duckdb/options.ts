export interface DuckDbOptions {
  /**
   * The one folder whose files queries can read: `from 'sales.csv'` is relative to it, absolute paths within it work too.
   * Nothing is ever written there. Links that lead out of it are refused. It need not exist until a query asks for a file.
   */
  readonly dataDirectory: string;
  /** Megabytes (10^6 bytes) for one query; beyond that it spills to a private temporary folder. Not for its result rows. */
  readonly memoryLimitMb: number;
  /** Threads of one query. */
  readonly threads: number;
  /**
   * So many queries run at a time; more wait. One that was given up, but that DuckDB cannot stop (`repeat('x', 3000000000)`),
   * counts until it has ended: such queries must not pile up. Default: no limit.
   */
  readonly maxQueries?: number;
}
