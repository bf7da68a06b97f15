import { type Exported, exported, RESULT_FORMATS } from '../sql-export.ts';
import type { Part } from './part.ts';

export interface Exports {
  rows: number;
  runs: Exported[];
  /** Ten rows of 2,000 columns. */
  wide: Exported[];
  /** Ten times the rows, to Parquet: memory does not grow with them. */
  large: Exported & { rows: number };
}

const ROWS = 1_000_000;
const WIDE_ROWS = 10;
const WIDE_FORMATS = ['json', 'ndjson'] as const;
const MANY_ROWS = 10_000_000;
/** They take longer than all else. */
const ROUNDS = 3;

/** A table of four columns to a file, by a `sql_query` and by DuckDB alone. */
export const measureExports: Part<Exports> = async ({ rounds }) => {
  const runs: Exported[] = [];
  const wide: Exported[] = [];
  for (let round = 0; round < Math.min(rounds, ROUNDS); round += 1) {
    for (const format of RESULT_FORMATS) runs.push(await exported({ rows: ROWS, format }));
    for (const format of WIDE_FORMATS) wide.push(await exported({ rows: WIDE_ROWS, format, table: 'wide' }));
  }
  const large = await exported({ rows: MANY_ROWS, format: 'parquet' });
  return { rows: ROWS, runs, wide, large: { ...large, rows: MANY_ROWS } };
};
