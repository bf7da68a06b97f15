import type { DuckDBType } from '@duckdb/node-api';
import type { ResultFormat } from '../../results/format.ts';
import { parquetColumn } from './parquet-column.ts';
import { csvColumn, jsonColumn } from './text-column.ts';

/** How a column goes into a file. Both are SQL expressions of the column's place: `#1`. */
export interface FileColumn {
  /** What is written. */
  stored: string;
  /** What gives back the value, of what was written; for text formats, of the text. */
  restored: string;
}

/**
 * A column as a file of a format holds it without loss, saying the same as our JSON does.
 *
 * @returns undefined when DuckDB cannot write it so; then the rows have to pass through us.
 */
export function fileColumn(format: ResultFormat, type: DuckDBType, place: number): FileColumn | undefined {
  switch (format) {
    case 'parquet':
      return parquetColumn(type, place);
    case 'csv':
      return csvColumn(type, place);
    case 'json':
    case 'ndjson':
      return jsonColumn(type, place);
  }
}
