import type { DuckDBType } from '@duckdb/node-api';

/** How a column goes into a file. Both are SQL expressions of the column's place: `#1`. */
export interface FileColumn {
  /** What is written. */
  stored: string;
  /** What gives back the value, of what was written; for text formats, of the text. */
  restored: string;
}

/** A column whose type alone gives back the value. */
export function restoredByCast(type: DuckDBType, place: number, stored: string): FileColumn {
  return { stored, restored: `cast(#${place} as ${type})` };
}
