import { ratios, type Spread } from '../measure/statistics.ts';
import type { Exports } from '../parts/exports.ts';
import type { Exported } from '../sql-export.ts';

/** As a ratio of DuckDB's own, round by round: more is better. */
export function exportSpeed({ runs }: Exports, format: Exported['format']): Spread {
  const ofFormat = runs.filter((run) => run.format === format);
  return ratios(
    ofFormat.map(({ engineMs }) => engineMs),
    ofFormat.map(({ oursMs }) => oursMs),
  );
}
