export interface DuckDbOptions {
  /**
   * The only folder whose files queries can read, by absolute paths; by relative ones such as `from 'sales.csv'` when it is
   * the working directory of the process. Nothing is ever written there. Links that lead out of it are refused. It need not exist until a
   * query reads a file. Default: none.
   */
  readonly dataDirectory?: string;
  /** A database file. Default: none; each statement then has an empty database in memory. */
  readonly database?: DuckDbFile;
  /** Where files are written for `exportFile`, in a private folder. It is made when it is first needed. */
  readonly exportDirectory?: string;
  /**
   * Megabytes (10^6 bytes) for one query, or for all on a database file; beyond that DuckDB spills to a private temporary
   * folder.
   */
  readonly memoryLimitMb: number;
  /** Threads of one query, or of all on a database file. */
  readonly threads: number;
}

export interface DuckDbFile {
  readonly path: string;
  /** Opened for reading, several processes can use the file at once; for writing, this process alone. */
  readonly readOnly: boolean;
  /** The file is closed when it was not used for this long, so that others may open it. */
  readonly idleMs: number;
}
