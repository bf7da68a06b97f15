import type { JsonValue } from '@taskwire/protocol';

/** Replaces a secret. */
export const MASKED = '⟦masked⟧';

/** Ends a text that is shown in part. */
export function cutMark(length: number): string {
  return `⟦cut: ${length} characters in all⟧`;
}

/** Replaces what is left out to keep the page light. */
export function leftOutMark(what: string): string {
  return `⟦left out: ${what}⟧`;
}

const MARK = /⟦(masked|cut: |left out: )[^⟧]*⟧/;

/** A mark found where it must not be. */
export interface FoundMark {
  /** As `parameters.rows[2].password`. */
  path: string;
  mark: string;
}

/** The first mark in a value: it was copied from a page, and is not what was meant. */
export function findMark(value: JsonValue | undefined, path: string): FoundMark | undefined {
  if (typeof value === 'string') return markIn(value, path);
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const itemPath = Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`;
    const found = (Array.isArray(value) ? undefined : markIn(key, path)) ?? findMark(item, itemPath);
    if (found) return found;
  }
  return undefined;
}

function markIn(text: string, path: string): FoundMark | undefined {
  const mark = MARK.exec(text)?.[0];
  return mark === undefined ? undefined : { path, mark };
}
