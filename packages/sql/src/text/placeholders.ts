import type { SqlParameters } from '../driver.ts';
import { matchParameters, type ParameterValue } from './parameters.ts';
import { scan, type TextRules } from './scan.ts';

export interface PlaceholderOptions {
  query: string;
  parameters: SqlParameters;
  rules: TextRules;
  /** How the engine itself writes a placeholder: `$1` in Postgres, `:name` in Databricks. */
  write: (placeholder: Placeholder) => string;
}

export interface Placeholder {
  /** `1`, `2`, … for `?` and `$1`; otherwise the name in the request. */
  name: string;
  /** From 0; the same placeholder always has the same index. */
  index: number;
}

export interface BoundText {
  text: string;
  /** One for each placeholder, by its index. */
  values: (Placeholder & { value: ParameterValue })[];
  /** The place in the query of a place in `text`. */
  positionInQuery: (position: number) => number;
}

/**
 * Rewrites the placeholders of a query in the engine's own syntax, and puts the values in their order. Values are never
 * put into the text.
 *
 * With parameters, `??` is the operator `?`; a query without any stays as it is.
 *
 * @throws {SqlError} `parameters` unless each placeholder has exactly one value, and each value a placeholder
 */
export function bindPlaceholders({ query, parameters, rules, write }: PlaceholderOptions): BoundText {
  const tokens = [...scan(query, rules)];
  const placeholders = numbered(tokens.filter((token) => token.kind === 'placeholder'));
  const hasNone = Object.keys(parameters).length === 0 && placeholders.every(({ isQuestionMark }) => isQuestionMark);
  // A lone `?` may be an operator: the engine decides.
  if (hasNone) return { text: query, values: [], positionInQuery: (position) => position };

  const names = [...new Set(placeholders.map(({ name }) => name))];
  const indexes = new Map(names.map((name, index) => [name, index]));
  const values = matchParameters({ names, parameters });
  const operators = tokens.filter((token) => token.kind === 'question mark');
  const edits = [
    ...placeholders.map(({ name, ...place }) => ({
      ...place,
      text: write({ name, index: indexes.get(name) as number }),
    })),
    ...operators.map((place) => ({ ...place, text: '?' })),
  ];
  return {
    ...edited(query, edits),
    values: names.map((name, index) => ({ name, index, value: values.get(name) ?? null })),
  };
}

interface Place {
  start: number;
  end: number;
}

/** Gives each `?` its number. */
function numbered(placeholders: readonly (Place & { name: string })[]) {
  let count = 0;
  return placeholders.map(({ name, start, end }) => {
    const isQuestionMark = name === '';
    if (isQuestionMark) count += 1;
    return { name: isQuestionMark ? String(count) : name, isQuestionMark, start, end };
  });
}

function edited(query: string, edits: readonly (Place & { text: string })[]): Omit<BoundText, 'values'> {
  let text = '';
  let at = 0;
  const shifts: { from: number; to: number }[] = [];
  for (const edit of [...edits].sort((left, right) => left.start - right.start)) {
    text += query.slice(at, edit.start) + edit.text;
    at = edit.end;
    shifts.push({ from: text.length, to: at });
  }
  const positionInQuery = (position: number) => {
    const shift = shifts.findLast(({ from }) => from <= position);
    return shift ? position - shift.from + shift.to : position;
  };
  return { text: text + query.slice(at), positionInQuery };
}
