import type { JsonValue } from '@taskwire/protocol';

/** How a column is written to a file. What is SQL are expressions of the column's place: `#1`. */
export interface FileColumn {
  /** What is written. */
  stored: string;
  /** The same for usual values, which the engine writes faster; an error for others. Default: `stored`. */
  usual?: string;
  /** Between which values are usual, in SQL. Columns of the same bounds are checked together. Default: all. */
  bounds?: readonly [lowest: string, highest: string];
  /** The value in a Parquet file, in SQL. Default: what is there. */
  restored?: string;
  /** The value of a text in a CSV file. Default: the text. */
  read?: (text: string) => JsonValue;
}
