import type { DuckDBConnection } from '@duckdb/node-api';

const ALL = 'select *';
const BEFORE = `${ALL} from (`;
/** A limit makes DuckDB write files with one thread. So many rows are bounded by the size of their file, or of the spill folder. */
const UNLIMITED_ROWS = 100_000_000;
/** How many semicolons are tried from the end: more than one only matters if comments after it contain some. */
const MAX_TRIES = 20;

export interface BoundedStatement {
  text: string;
  /** Where the query begins in `text`, in bytes of UTF-8. Negative when its beginning was left out. */
  queryStartsAtByte: number;
}

export interface BoundedStatementOptions {
  connection: DuckDBConnection;
  /** Known to be one reading statement that can be a subquery. */
  query: string;
  maxRows: number;
}

/**
 * A text that makes DuckDB itself stop after `maxRows` + 1 rows: the last one shows that there are more.
 *
 * DuckDB's memory limit does not cover results, and its streaming calls mistake an error in mid-result for the end.
 * As a subquery, a statement must not end in a semicolon. Comments after the semicolon can contain more: the right one is
 * the last one with a whole subquery before it, since a subquery cannot contain a semicolon.
 */
export async function boundedStatement(options: BoundedStatementOptions): Promise<BoundedStatement> {
  const { connection, query, maxRows } = options;
  const start = /^[\s;]*/.exec(query)?.[0].length ?? 0;
  const queryStartsAtByte = Buffer.byteLength(BEFORE) - Buffer.byteLength(query.slice(0, start));
  const limit = maxRows < UNLIMITED_ROWS ? ` limit ${maxRows + 1}` : '';
  const bounded = (end: number) => `${BEFORE}${query.slice(start, end)}\n)${limit}`;

  let end = query.trimEnd().length;
  while (query[end - 1] === ';') end = query.slice(0, end - 1).trimEnd().length;
  for (let tries = 0; tries < MAX_TRIES && end > start; tries += 1) {
    const text = bounded(end);
    if (!query.includes(';') || (await parses(connection, text))) return { text, queryStartsAtByte };
    end = query.lastIndexOf(';', end - 1);
  }
  // Let DuckDB say what is wrong.
  return { text: bounded(query.length), queryStartsAtByte };
}

/** A COPY of the same rows with other values, which may name a column by its place. */
export function copying(values: string, { text, queryStartsAtByte }: BoundedStatement, to: string): BoundedStatement {
  const begin = `copy (select ${values}`;
  const longer = Buffer.byteLength(begin) - ALL.length;
  return { text: `${begin}${text.slice(ALL.length)}) ${to}`, queryStartsAtByte: queryStartsAtByte + longer };
}

/** The same columns without rows. */
export function withoutRows({ text, queryStartsAtByte }: BoundedStatement): BoundedStatement {
  return { text: text.replace(/\)(?: limit \d+)?$/, ') limit 0'), queryStartsAtByte };
}

async function parses(connection: DuckDBConnection, text: string): Promise<boolean> {
  try {
    return (await connection.extractStatements(text)).count === 1;
  } catch {
    return false;
  }
}
