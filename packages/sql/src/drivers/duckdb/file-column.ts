import type { DuckDBType } from '@duckdb/node-api';

/** How a column is written to a file. Both are SQL expressions of the column's place: `#1`. */
export interface FileColumn {
  /** What is written. */
  stored: string;
  /**
   * The same for usual values, which the engine writes faster; an error for others, such as an integer beyond 2^53. Default:
   * all values are written as `stored`.
   */
  usual?: string;
  /** Restores the value from what was written; for text formats, from the text. */
  restored: string;
}

/** A column whose type alone gives back the value. */
export function restoredByCast(type: DuckDBType, place: number, stored: string, usual?: string): FileColumn {
  return { stored, restored: `cast(#${place} as ${type})`, ...(usual !== undefined && { usual }) };
}
