import { ratios, type Spread } from '../measure/statistics.ts';
import type { Exported } from '../sql-export.ts';

/** As a ratio of DuckDB's own, round by round: more is better. */
export function exportSpeed(
  runs: readonly Exported[],
  format: Exported['format'],
  by: 'CpuMs' | 'Ms' = 'CpuMs',
): Spread {
  const ofFormat = runs.filter((run) => run.format === format);
  return ratios(
    ofFormat.map((run) => run[`engine${by}`]),
    ofFormat.map((run) => run[`ours${by}`]),
  );
}
