import type { DuckDBConnection } from '@duckdb/node-api';

/** One connection to a DuckDB, for one statement. */
export interface DuckDbSession extends AsyncDisposable {
  readonly connection: DuckDBConnection;
  /** Whether statements that write are open to it. */
  readonly writable: boolean;
  /**
   * Shuts everything but reading in the data directory, and writing in the export folder, for good. Before it, nothing may
   * be done but parsing.
   *
   * @param relativeFiles names of data files in the statement; see `relative-files.ts`.
   */
  lockDown(relativeFiles: readonly string[]): Promise<void>;
  /** A folder that this DuckDB can write to and no other; it is there. @throws when none is configured */
  exportFolder(): Promise<string>;
}
