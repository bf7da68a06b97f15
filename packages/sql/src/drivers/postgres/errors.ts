import { DatabaseError } from 'pg';
import { SqlError, type SqlErrorCode } from '../../sql-error.ts';
import { lineAndColumn } from '../../text/line-and-column.ts';
import { shortened } from '../../text/shortened.ts';
import type { StatementText } from './statement-text.ts';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const CODES: Readonly<Record<string, SqlErrorCode>> = {
  '42601': 'syntax',
  // Writes in read-only transactions, missing rights, and what cannot be done in a transaction, or to one.
  '25006': 'not_allowed',
  '42501': 'not_allowed',
  '25001': 'not_allowed',
  '2D000': 'not_allowed',
};

/** Turns an error of the server into one for the author of the query; returns anything else unchanged. */
export function statementError(thrown: unknown, query: string, statement: StatementText): unknown {
  if (!(thrown instanceof DatabaseError)) return thrown;
  const { code: engineCode = '', routine, message, detail, hint } = thrown;
  // The message is in the language of the server.
  const isSeveral = engineCode === '42601' && routine === 'exec_parse_message';
  if (isSeveral) {
    const message = 'The query has several statements; send one at a time';
    return new SqlError({ code: 'several_statements', message, engineCode, cause: thrown });
  }
  const position = positionOf(thrown, query, statement);
  const where = position === undefined ? '' : ` (${lineAndColumn(query, position)})`;
  const code = CODES[engineCode] ?? 'failed';
  return new SqlError({
    code,
    message: sentenceOf([message, detail, hint]) + where,
    position,
    engineCode,
    isWrite: engineCode === '25006',
    cause: thrown,
  });
}

/** The server counts characters from 1, JavaScript UTF-16 units from 0. */
function positionOf({ position }: DatabaseError, query: string, { text, positionInQuery }: StatementText) {
  if (position === undefined) return undefined;
  const before = [...text].slice(0, Number(position) - 1).join('');
  const index = positionInQuery(before.length);
  return index >= 0 && index <= query.length ? index : undefined;
}

/** In one line, without a full stop at the end. */
function sentenceOf(parts: readonly (string | undefined)[]): string {
  const sentences = parts.map((part) => part?.replace(/\s+/g, ' ').trim().replace(/\.$/, '')).filter((part) => part);
  return sentences.map((sentence = '') => shortened(sentence, 150, 350)).join('. ');
}
