import { visible } from '../../output/terminal-text.ts';
import { firstRows, RowsNotShownError, type SqlResult } from '../show/sql-result.ts';
import { barChart } from './bar-chart.ts';
import { chartData, type DrawOptions } from './chart-data.ts';
import { lineChart } from './line-chart.ts';

export interface ChartOptions extends Omit<DrawOptions, 'data'> {
  chart: 'bar' | 'line';
}

/** The rows of a result as a chart. @throws RowsNotShownError if it has no numbers */
export async function chartLines(result: SqlResult, { chart, width, paint }: ChartOptions): Promise<string[]> {
  const rows = await firstRows(result);
  const data = chartData(result.columns, rows);
  if (!data) {
    const there = result.columns.map(({ name, type }) => `${visible(name)} (${type})`).join(', ') || 'none';
    throw new RowsNotShownError(`A chart needs a column of numbers; the columns are: ${there}`);
  }
  if (rows.length === 0) return ['(no rows)'];
  const lines = chart === 'bar' ? barChart({ data, width, paint }) : lineChart({ data, width, paint });
  const isPart = result.truncated || rows.length < result.row_count;
  return isPart ? [...lines, paint('dim', `(of the first ${rows.length} rows; there are more)`)] : lines;
}
