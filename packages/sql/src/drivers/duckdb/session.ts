import type { DuckDBConnection } from '@duckdb/node-api';

/** One connection to a DuckDB, for one statement. */
export interface DuckDbSession extends AsyncDisposable {
  readonly connection: DuckDBConnection;
  /** Whether statements that write are allowed. */
  readonly writable: boolean;
  /**
   * Allows only reading in the data directory and writing in the export folder, for good. Before this call, only parsing is
   * safe.
   */
  lockDown(): Promise<void>;
  /** An existing folder that only this DuckDB can write to. @throws when none is configured */
  exportFolder(): Promise<string>;
}
