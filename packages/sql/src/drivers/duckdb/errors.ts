import { SqlError, type SqlErrorCode } from '../../sql-error.ts';
import { lineAndColumn } from '../../text/line-and-column.ts';
import { shortened } from '../../text/shortened.ts';

export interface EngineErrorOptions {
  /** The engine's own class of the error, as `Parser` or `Permission`. */
  type: string;
  message: string;
  /** Place in the query, in bytes of UTF-8. */
  byte: number | undefined;
  query: string;
  cause?: unknown;
}

/** The error for the author of the query, in the engine's words. */
export function engineError({ type, message, byte, query, cause }: EngineErrorOptions): SqlError {
  const position = byte === undefined ? undefined : indexOfByte(query, byte);
  const where = position === undefined ? '' : ` (${lineAndColumn(query, position)})`;
  const what = /^out of memory/i.test(type) ? 'Out of memory: ' : '';
  return new SqlError({
    code: codeOf(type),
    message: what + sentenceOf(type, message) + where,
    position,
    engineCode: type,
    cause,
  });
}

export interface ThrownErrorOptions {
  thrown: unknown;
  query: string;
  /** Where the query begins in the text that has failed, in bytes of UTF-8. */
  queryStartsAtByte: number;
}

/** The same for what DuckDB throws with `errors_as_json`; returns anything else unchanged. */
export function errorOfThrown({ thrown, query, queryStartsAtByte }: ThrownErrorOptions): unknown {
  const report = thrown instanceof Error && !(thrown instanceof SqlError) ? reportIn(thrown.message) : undefined;
  if (!report) return thrown;
  const byte = report.position === undefined ? undefined : Number(report.position) - queryStartsAtByte;
  return engineError({ type: report.exception_type, message: report.exception_message, byte, query, cause: thrown });
}

interface Report {
  exception_type: string;
  exception_message: string;
  position?: string;
}

function reportIn(text: string): Report | undefined {
  try {
    // Some calls put words before the JSON, as `Failed to extract statements: Parser Error: {…}`.
    const report = JSON.parse(text.slice(text.indexOf('{'))) as Report;
    return typeof report.exception_message === 'string' ? report : undefined;
  } catch {
    return undefined;
  }
}

function codeOf(type: string): SqlErrorCode {
  if (/^(parser|syntax)/i.test(type)) return 'syntax';
  return /^permission/i.test(type) ? 'not_allowed' : 'failed';
}

/** DuckDB's words in one line, without its lists of all functions of a name and advice that cannot be followed here. */
function sentenceOf(type: string, message: string): string {
  const refused = /^Cannot access (?:file|directory) "(.*?)(?:\/\*\*\/\*\.\w+)?" - file system/s.exec(message)?.[1];
  if (refused?.startsWith('~'))
    return `Cannot read "${refused}": ~ is the home folder; write "./${refused}" for a file`;
  if (refused) return `Cannot read "${refused}": it is not in the data folder, and queries can read no other`;
  const unknown = /^Table with name (.*) does not exist!/s.exec(message)?.[1];
  // Not "did you mean pg_class": it may well be there.
  if (unknown && /[^\p{L}\p{N}_$ ]/u.test(unknown)) {
    return `There is no table "${unknown}"; for a file whose name does not say how to read it, use read_csv, read_json, read_parquet or the like`;
  }
  const lines = message.split('\n').map((line) => line.trim());
  const end = lines.findIndex((line) => (/^out of memory/i.test(type) ? SETTINGS_ADVICE : BEHIND).test(line));
  const kept = lines.slice(0, end === -1 ? undefined : end).filter((line) => line !== '' && !OTHER_ADVICE.test(line));
  // A quoted row, or a value.
  const short = kept.map((line) => shortened(line, 150, 350)).join(' ');
  // A row can have many lines; behind it stand the reason and the advice.
  return shortened(short, 500, 1000);
}

const SETTINGS_ADVICE = /^(Possible solutions|Database is launched)/;
/** What follows helps nobody: functions by the hundred, the query again, how a CSV file was read. */
const BEHIND = /^(Candidate functions|LINE \d+:|delimiter = .*\(Auto-Detected|Set By User\))/;
const OTHER_ADVICE = /^\* Use a COPY statement/;

function indexOfByte(text: string, byte: number): number | undefined {
  const bytes = Buffer.from(text);
  return byte >= 0 && byte <= bytes.length ? bytes.subarray(0, byte).toString().length : undefined;
}
