import { SqlError, type SqlErrorCode } from '../../sql-error.ts';
import { lineAndColumn } from '../../text/line-and-column.ts';
import type { TGetOperationStatusResp, TStatus } from './protocol.ts';

const MAX_MESSAGE_LENGTH = 500;

/** A statement's text as it was sent, and where its places are in the query that was asked. */
export interface SentText {
  query: string;
  text: string;
  positionInQuery: (position: number) => number;
}

/** What the engine says of a statement, from the status of a call or of an operation. */
export function engineError(
  status: TStatus | TGetOperationStatusResp,
  { query, text, positionInQuery }: SentText,
): SqlError {
  const said = status.displayMessage || status.errorMessage || 'The server gives no reason';
  const sqlState = status.sqlState || /SQLSTATE:?\s*([0-9A-Z]{5})/.exec(said)?.[1];
  const found = positionIn(said, text);
  const position = found === undefined ? undefined : positionInQuery(found);
  const isPlace = position !== undefined && position >= 0 && position <= query.length;
  const where = isPlace ? ` (${lineAndColumn(query, position)})` : '';
  return new SqlError({
    code: codeOf(sqlState, said),
    message: sentenceOf(said) + where,
    position: isPlace ? position : undefined,
    engineCode: sqlState,
  });
}

/** https://docs.databricks.com/aws/en/error-messages/sqlstates */
function codeOf(sqlState: string | undefined, said: string): SqlErrorCode {
  if (sqlState === '42601' || /^\W*PARSE_/.test(sentenceOf(said))) return 'syntax';
  return sqlState === '42501' ? 'not_allowed' : 'failed';
}

/** The names of Java's classes, and of the server's layers, before the message proper. */
const PREFIX =
  /^(?:Error running query: |[\w.$]+(?:Exception|Error): |\[[A-Z0-9_.]+\] (?=[\w.$]+(?:Exception|Error): ))/;
/** What follows the message proper: the query once more, the plan, a stack trace. */
const REST = /\s*(?:\n\s*== SQL|\n\s*at [\w.$]+\(|;?\n['+:!]|\n\s*JVM stacktrace)[\s\S]*$/;
const PLACES = /;?\s*\(?line \d+,? pos \d+\)?;?/g;

/** Its words in one line, without SQLSTATE and place, which we give apart. */
function sentenceOf(said: string): string {
  let text = said.trim();
  while (PREFIX.test(text)) text = text.replace(PREFIX, '');
  const sentence = text
    .replace(REST, '')
    .replaceAll(PLACES, '')
    .replaceAll(/\s*\(?SQLSTATE:?\s*[0-9A-Z]{5}\)?;?/g, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return sentence.length > MAX_MESSAGE_LENGTH ? `${sentence.slice(0, MAX_MESSAGE_LENGTH)}…` : sentence;
}

/** The engine counts lines from 1, and in a line characters (not UTF-16 units) from 0. */
function positionIn(said: string, text: string): number | undefined {
  const [, line, column] = /line (\d+),? pos (\d+)/.exec(said) ?? [];
  if (line === undefined) return undefined;
  const lines = text.split('\n');
  const before = lines.slice(0, Number(line) - 1).reduce((sum, { length }) => sum + length + 1, 0);
  const characters = [...(lines[Number(line) - 1] ?? '')].slice(0, Number(column));
  return before + characters.join('').length;
}
