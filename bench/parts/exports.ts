import { type Exported, exported, RESULT_FORMATS } from '../sql-export.ts';
import type { Part } from './part.ts';

export interface Exports {
  rows: number;
  runs: Exported[];
  /** Ten times the rows, to Parquet: memory does not grow with them. */
  large: Exported & { rows: number };
}

const ROWS = 1_000_000;
const MANY_ROWS = 10_000_000;
/** They take longer than all else. */
const ROUNDS = 3;

/** A table of four columns to a file, by a `sql_query` and by DuckDB alone. */
export const measureExports: Part<Exports> = async ({ rounds }) => {
  const runs: Exported[] = [];
  for (let round = 0; round < Math.min(rounds, ROUNDS); round += 1) {
    for (const format of RESULT_FORMATS) runs.push(await exported({ rows: ROWS, format }));
  }
  const large = await exported({ rows: MANY_ROWS, format: 'parquet' });
  return { rows: ROWS, runs, large: { ...large, rows: MANY_ROWS } };
};
