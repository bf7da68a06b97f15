import { stripVTControlCharacters, styleText } from 'node:util';

/** Rows of cells as lines with aligned columns; the first row is the heading. Cells may have colours. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const [heading = []] = rows;
  const widths = heading.map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? ''))));
  return rows.map((row, index) => {
    const line = row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - width(cell))).join('  ');
    return index === 0 ? styleText('dim', line.trimEnd()) : line.trimEnd();
  });
}

function width(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
