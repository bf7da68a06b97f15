import { countedInWords } from '@taskwire/monitoring';
import type { SqlResult } from './sql-result.ts';

/** `5 rows`, `3 rows changed`, `done`. */
export function broughtInWords({ columns, row_count, affected_rows, truncated }: SqlResult): string {
  if (columns.length > 0) return `${countedInWords(row_count, 'row')}${truncated ? ' (there are more)' : ''}`;
  return affected_rows === undefined ? 'done' : `${countedInWords(affected_rows, 'row')} changed`;
}
