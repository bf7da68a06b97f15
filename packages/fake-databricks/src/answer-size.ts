import type { DuckDBValue } from '@duckdb/node-api';
import type { ResultTable } from './result-table.ts';

/** What an answer may hold at most; undefined for no limit. */
export interface AnswerLimits {
  rows: number;
  bytes: number | undefined;
}

/** Where the rows of an answer that begins at `from` end: it holds at least one row, whatever its size. */
export function answerEnd(table: ResultTable, from: number, { rows, bytes }: AnswerLimits): number {
  const last = Math.min(table.rowCount, from + rows);
  if (bytes === undefined) return last;
  let size = 0;
  for (let row = from; row < last; row++) {
    for (const { values } of table.columns) size += roughSize(values[row] ?? null);
    if (size > bytes && row > from) return row;
  }
  return last;
}

/** A number of the protocol, undefined when it is not there. */
export function limitOf(value: { toNumber: () => number } | null | undefined): number | undefined {
  return value?.toNumber();
}

function roughSize(value: DuckDBValue): number {
  if (typeof value === 'string') return 4 + value.length;
  if (value === null || typeof value !== 'object') return 8;
  return 'bytes' in value ? 4 + (value.bytes as Uint8Array).length : String(value).length;
}
