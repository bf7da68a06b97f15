import { styleText } from 'node:util';
import { padded, widthOf } from './terminal-text.ts';

/** Rows of cells as lines with aligned columns; the first row is the heading. Cells may have colours. */
export function alignedLines(rows: readonly (readonly string[])[]): string[] {
  const [heading = []] = rows;
  const widths = heading.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ''))));
  return rows.map((row, index) => {
    const line = row.map((cell, column) => padded(cell, widths[column] ?? 0)).join('  ');
    return index === 0 ? styleText('dim', line.trimEnd()) : line.trimEnd();
  });
}
