import type { JsonObject } from '@taskwire/protocol';
import { visible } from '../../output/terminal-text.ts';
import { type Column, isNumeric, textOf } from './sql-result.ts';

/** Rows as a table of GitHub's Markdown: https://github.github.com/gfm/#tables-extension- */
export function markdownLines(columns: readonly Column[], rows: readonly JsonObject[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(({ name }) => markdownText(name))),
    line(columns.map((column) => (isNumeric(column) ? '---:' : '---'))),
    ...rows.map((row) => line(columns.map(({ name }) => markdownText(textOf(row[name]))))),
  ];
}

/**
 * Escapes a text for a cell or a heading, so that none of it begins a cell, a line, a tag or other markup.
 * Blanks at its ends would be dropped.
 */
export function markdownText(text: string): string {
  return text
    .split(/\r\n|\n|\r/)
    .map((line) =>
      visible(line)
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll(/[\\`*_~[\]|#$]/g, '\\$&')
        .replaceAll(/^ +| +$/g, (blanks) => '&#32;'.repeat(blanks.length)),
    )
    .join('<br>');
}
