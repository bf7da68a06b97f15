import type { DuckDBConnection } from '@duckdb/node-api';

const BEFORE = 'select * from (';
/** How many semicolons are tried from the end: more than one has to be only if comments behind it contain some. */
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
 * A text that makes DuckDB itself stop at `maxRows` rows and one more, which says that there are more.
 *
 * DuckDB bounds no result by its memory limit, and its streaming calls take an error in mid-result for the end.
 * As a subquery, a statement may not end in a semicolon, but which one is the end? Behind it there can be comments, and
 * those can contain semicolons: the last one before which there is a whole subquery, since that cannot contain one.
 */
export async function boundedStatement(options: BoundedStatementOptions): Promise<BoundedStatement> {
  const { connection, query, maxRows } = options;
  const start = /^[\s;]*/.exec(query)?.[0].length ?? 0;
  const queryStartsAtByte = Buffer.byteLength(BEFORE) - Buffer.byteLength(query.slice(0, start));
  const bounded = (end: number) => `${BEFORE}${query.slice(start, end)}\n) limit ${maxRows + 1}`;

  let end = query.trimEnd().length;
  while (query[end - 1] === ';') end = query.slice(0, end - 1).trimEnd().length;
  for (let tries = 0; tries < MAX_TRIES && end > start; tries += 1) {
    const text = bounded(end);
    if (await parses(connection, text)) return { text, queryStartsAtByte };
    end = query.lastIndexOf(';', end - 1);
  }
  // Let DuckDB say what is wrong.
  return { text: bounded(query.length), queryStartsAtByte };
}

async function parses(connection: DuckDBConnection, text: string): Promise<boolean> {
  try {
    return (await connection.extractStatements(text)).count === 1;
  } catch {
    return false;
  }
}
