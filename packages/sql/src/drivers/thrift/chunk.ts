import type { JsonValue } from '@taskwire/protocol';
import type { SqlRow } from '../../driver.ts';

/** The JSON of a column's value, by the number of its row in the chunk. */
export type ValueReader = (row: number) => JsonValue;

/** Rows that have arrived, in columns, and that become JSON one slice at a time. */
export interface Chunk {
  readonly rowCount: number;
  readonly columns: readonly ValueReader[];
}

/** Rows `from` to `to` (exclusive). */
export function rowsOf({ columns }: Chunk, from: number, to: number): SqlRow[] {
  return Array.from({ length: to - from }, (_, index) => columns.map((read) => read(from + index)));
}
