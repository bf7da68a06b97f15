import type { TaskResult } from '@taskwire/protocol';
import { blanked, visible } from '../../output/terminal-text.ts';
import { widthOf } from '../../output/text-width.ts';
import { type Query, startOf } from '../ask/query.ts';

const INDENT = '  ';

/** Where the engine says that a statement is wrong, if it does. */
export function positionIn(result: TaskResult): number | undefined {
  if (result.status !== 'error') return undefined;
  return result.error_details?.find(({ position }) => position !== undefined)?.position;
}

/**
 * The faulty line of a query, with a caret under it. A long line is cut to the part around the fault.
 *
 * @param position index of a character in the statement as the engine got it.
 * @param width characters of a line.
 */
export function placeLines(query: Query, position: number, width: number): string[] {
  const at = Math.min(startOf(query) + position, query.text.length);
  const before = query.text.slice(0, at);
  const lineStart = before.lastIndexOf('\n') + 1;
  const lineEnd = query.text.indexOf('\n', at);
  const line = blanked(query.text.slice(lineStart, lineEnd === -1 ? undefined : lineEnd)).trimEnd();
  const { shown, column } = around(line, at - lineStart, width - INDENT.length);
  const number = before.split('\n').length;
  const where = query.file === undefined ? `line ${number}` : `${query.file}, line ${number}`;
  const caret = ' '.repeat(widthOf(shown.slice(0, column)));
  return [`${INDENT}${visible(where)}`, `${INDENT}${shown}`, `${INDENT}${caret}^`];
}

function around(line: string, column: number, width: number): { shown: string; column: number } {
  if (widthOf(line) < width) return { shown: line, column };
  // Wide characters take two columns: at worst half of them fit.
  const size = Math.floor((widthOf(line) === line.length ? width : width / 2) - 2);
  const start = Math.max(0, Math.min(column - Math.floor(size / 2), line.length - size));
  const cutBefore = start > 0 ? '…' : '';
  const cutBehind = start + size < line.length ? '…' : '';
  return { shown: cutBefore + line.slice(start, start + size) + cutBehind, column: column - start + cutBefore.length };
}
