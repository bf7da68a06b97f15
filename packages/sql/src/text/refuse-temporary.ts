import { SqlError } from '../sql-error.ts';
import { firstWords } from './first-words.ts';
import type { TextRules } from './scan.ts';

/** A temporary table would be made, reported as done, and gone with the end of its statement. @throws {SqlError} `not_allowed` */
export function refuseTemporary(query: string, rules: TextRules): void {
  const made = firstWords(query, rules, 6).join(' ');
  const [, what] =
    /^create (?:or replace )?(?:global |local )?temp(?:orary)? (?:recursive )?(table|view)\b/.exec(made) ?? [];
  if (!what) return;
  const message = `A temporary ${what} would be gone when its statement has ended: use WITH in the query that needs it, or a lasting ${what}`;
  throw new SqlError({ code: 'not_allowed', message });
}
