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
  const said = (status.displayMessage || status.errorMessage || 'The server gives no reason').trim();
  const { words, sqlState, rest } = partsOf(said.replace(LAYERS, ''), status.sqlState || undefined);
  if (/^\[PARSE_SYNTAX_ERROR\] .* near 'execute'/.test(words) && !/execute/i.test(text)) return noParameters(sqlState);
  const found = positionIn(rest, text) ?? nearToken(words, text);
  const position = found === undefined ? undefined : positionInQuery(found);
  const isPlace = position !== undefined && position >= 0 && position <= query.length;
  const where = isPlace ? ` (${lineAndColumn(query, position)})` : '';
  return new SqlError({
    code: codeOf(sqlState, words),
    message: sentenceOf(words) + where,
    position: isPlace ? position : undefined,
    engineCode: sqlState,
  });
}

/** It stumbles over what we put around a statement with parameters. */
function noParameters(engineCode: string | undefined): SqlError {
  const message = 'Spark 3.5 and older have no parameters: write the values into the statement, or use Spark 4';
  return new SqlError({ code: 'parameters', message, engineCode });
}

/** https://docs.databricks.com/aws/en/error-messages/sqlstates */
function codeOf(sqlState: string | undefined, words: string): SqlErrorCode {
  if (sqlState === '42601' || /^\W*PARSE_/.test(words)) return 'syntax';
  return sqlState === '42501' ? 'not_allowed' : 'failed';
}

/** The server's layers and Java's classes, which stand before the message proper. What follows may be a user's. */
const LAYERS =
  /^(?:[\w$]+\.[\w.$]+: )?(?:(?:Error running query|Failed to open new session): (?:\[[A-Z0-9_.]+\] )?(?:[\w$]+\.[\w.$]+: )?)?(?:Job aborted due to stage failure: Task .*? \(TID \d+\) \([^()]*\): (?:[\w$]+\.[\w.$]+: )?)?\s*/;
/** What follows it: SQLSTATE and place, and behind these the plan, the query once more or a stack. */
const REST =
  /\s*(?:\(?SQLSTATE:?\s*([0-9A-Z]{5})\)?(?=\s*[;(\n]|\s*$)|;?\s*\(?line \d+,? pos \d+\)?;?(?=\s*\n|\s*$)|;\s*\n|\n\s*== SQL|\n\s*at [\w.$/]+\(|\n\s*JVM stacktrace)/;
/** Some have one in the middle. */
const PLAN = /:?\s*(?:\n[^\n]*\n[ :]*[+:]- |\w+ \[[^\n]*#\d)[\s\S]*$/;
/** What stands for a value in the text is a `:name` to Spark. */
const NEAR_PLACEHOLDER = /^(\[PARSE_SYNTAX_ERROR\] .*? at or near) ':'/;

function partsOf(said: string, sqlState: string | undefined) {
  // A text of the author's own may look like all the rest does.
  const isOwn = said.startsWith('[USER_RAISED_EXCEPTION');
  const found = (isOwn ? / SQLSTATE: ([0-9A-Z]{5})(?=\s*$|\n\s*at )/ : REST).exec(said);
  const end = found?.index ?? said.length;
  const words = said.slice(0, end);
  return {
    words: isOwn ? words : words.replace(PLAN, ''),
    sqlState: sqlState ?? found?.[1],
    rest: isOwn ? '' : said.slice(end),
  };
}

/** `:name` of the author's own. The advice behind it is for other interfaces. */
const UNBOUND = /^(\[UNBOUND_SQL_PARAMETER\][^:]*: ([a-z]\w*)\.)[\s\S]*$/i;

/** In one line, without half a character at its end. */
function sentenceOf(words: string): string {
  const sentence = words
    .replace(UNBOUND, '$1 Write $$$2, and give a value for it')
    .replace(NEAR_PLACEHOLDER, '$1 a parameter: none can stand there')
    .replaceAll(/\s+/g, ' ')
    .trim();
  if (sentence.length <= MAX_MESSAGE_LENGTH) return sentence;
  return `${sentence.slice(0, MAX_MESSAGE_LENGTH).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** The engine counts lines from 1, and in a line characters (not UTF-16 units): from 0 behind `pos`, from 1 in a title. */
function positionIn(rest: string, text: string): number | undefined {
  const [, line, column] = /^\s*[^\n]*?line (\d+),? pos (\d+)/.exec(rest) ?? [];
  if (line !== undefined) return indexOf(text, Number(line), Number(column));
  const [, shownLine, shownColumn, shown = '', { length } = '', carets = ''] = SHOWN.exec(rest) ?? [];
  if (shownLine === undefined) return undefined;
  const index = indexOf(text, Number(shownLine), Number(shownColumn) - 1);
  // A function's own text has a place, too, and is another one. Behind an emoji Spark marks the wrong part of its excerpt.
  const isOurs = /[\ud800-\udfff]/.test(text)
    ? text.includes(shown.replaceAll('...', ''))
    : text.startsWith(shown.slice(length, length + carets.length).replace(/\.\.\.$/, ''), index);
  return isOurs ? index : undefined;
}

/** With a line of the text, and marks below it. Of a view Spark names the view there. */
const SHOWN = /== SQL ?\(line (\d+), position (\d+)\) ==\n(.*)\n( *)(\^+)/;

function indexOf(text: string, line: number, column: number): number {
  const lines = text.split('\n');
  const before = lines.slice(0, line - 1).reduce((sum, { length }) => sum + length + 1, 0);
  return before + [...(lines[line - 1] ?? '')].slice(0, column).join('').length;
}

/** For a statement in another one (`execute immediate`) Spark names no place, but what it stumbled over. */
function nearToken(said: string, text: string): number | undefined {
  const [, token, end] = /^\[PARSE_SYNTAX_ERROR\] .*? at or near (?:'(.+?)'[.:]|(end of input))/.exec(said) ?? [];
  if (end !== undefined) return text.length;
  if (token === undefined) return undefined;
  const words = [...text.matchAll(/\w+/g)].filter(([word]) => word === token).map(({ index }) => index);
  const places = /^\w+$/.test(token) ? words : [text.indexOf(token), text.lastIndexOf(token)];
  return places[0] === places.at(-1) && places[0] !== -1 ? places[0] : undefined;
}
