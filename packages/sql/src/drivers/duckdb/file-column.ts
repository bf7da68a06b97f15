import type { DuckDBType } from '@duckdb/node-api';

/** How a column is written to a file. Both are SQL expressions of the column's place: `#1`. */
export interface FileColumn {
  /** What is written. */
  stored: string;
  /** Restores the value from what was written; for text formats, from the text. */
  restored: string;
}

/** A column whose type alone gives back the value. */
export function restoredByCast(type: DuckDBType, place: number, stored: string): FileColumn {
  return { stored, restored: `cast(#${place} as ${type})` };
}
