import { ratios, type Spread } from '../measure/statistics.ts';
import type { Exported } from '../sql-export.ts';

/** As a ratio of DuckDB's own, by CPU time, round by round: more is better. */
export function exportSpeed(runs: readonly Exported[], format: Exported['format']): Spread {
  const ofFormat = runs.filter((run) => run.format === format);
  return ratios(
    ofFormat.map(({ engineCpuMs }) => engineCpuMs),
    ofFormat.map(({ oursCpuMs }) => oursCpuMs),
  );
}
