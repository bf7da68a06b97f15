import type { JsonObject, JsonValue } from '@taskwire/protocol';
import type { SqlRows } from './sql-rows.ts';
import { tokensIn } from './tokens.ts';

/** Rows that fit. */
export interface ShownRows {
  text: string;
  /** How many rows of those given are in it. */
  rows: number;
}

/** Longest value of a cell, in characters: shorter when not even a few rows would fit. */
const CELL_LENGTHS = [400, 200, 100, 50, 25, 12];
const FEW_ROWS = 5;

/** As many rows as fit, as JSON lists below the names and types of the columns; long values are cut, and columns left out if there are too many. */
export function showRows(columns: SqlRows['columns'], rows: readonly JsonObject[], maxTokens: number): ShownRows {
  const names = columns.map(({ name, type }) => JSON.stringify(`${short(name, 100)} ${short(type, 40)}`));
  let shown = countThatFits(names, maxTokens / 2);
  for (;;) {
    const left = columns.length - shown;
    const head = `[${names.slice(0, shown).join(',')}]${left > 0 ? ` (and ${left} more columns: select fewer)` : ''}`;
    const rest = maxTokens - tokensIn(head);
    for (const length of CELL_LENGTHS) {
      const line = (row: JsonObject) =>
        JSON.stringify(columns.slice(0, shown).map(({ name }) => cell(row[name] ?? null, length)));
      const lines = rows.slice(0, maxTokens).map(line);
      const fitting = countThatFits(lines, rest);
      const isLast = length === CELL_LENGTHS.at(-1);
      if (fitting >= Math.min(FEW_ROWS, rows.length) || (isLast && (fitting > 0 || shown <= 1))) {
        return { text: [head, ...lines.slice(0, fitting)].join('\n'), rows: fitting };
      }
    }
    shown = Math.ceil(shown / 2);
  }
}

function countThatFits(texts: readonly string[], maxTokens: number): number {
  let tokens = 0;
  const tooMany = texts.findIndex((text) => {
    tokens += tokensIn(text) + 1;
    return tokens > maxTokens;
  });
  return tooMany === -1 ? texts.length : tooMany;
}

function cell(value: JsonValue, length: number): JsonValue {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= length ? value : short(text, length);
}

function short(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}… (${text.length} characters)`.toWellFormed();
}
