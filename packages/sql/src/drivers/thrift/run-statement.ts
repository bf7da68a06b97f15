import type { RowReceiver, SqlStatement, SqlSummary } from '../../driver.ts';
import { SqlError } from '../../sql-error.ts';
import type { BoundStatement, Dialect } from './dialect.ts';
import { inSession, type Warehouse } from './in-session.ts';
import type { Operation } from './operation.ts';
import { bindStatement } from './parameters.ts';
import { receiveRows } from './receive-rows.ts';
import { isReading, type StatementKind, statementIn } from './statement-kind.ts';

/** Spark counts in an INT. */
const MAX_LIMIT = 2 ** 31 - 1;

export interface RunStatementOptions {
  warehouse: Warehouse;
  statement: SqlStatement;
  receiver: RowReceiver;
}

/** Runs one statement. When this settles, the engine has ended it, as far as possible. */
export async function runStatement({ warehouse, statement, receiver }: RunStatementOptions): Promise<SqlSummary> {
  const { query, maxRows } = statement;
  if (!Number.isSafeInteger(maxRows) || maxRows < 0) throw new RangeError(`maxRows must be 0 or more, not ${maxRows}`);
  const { dialect, readOnly } = warehouse.options;
  const { kind, text, plainText, isClosed, doubt } = statementIn(query, {
    substitutes: dialect.substitutes(warehouse.options),
  });
  expectOneStatement(query, kind);
  // What was checked is what is sent. Where nothing needs to be, comments are kept: views store them.
  const asked = bindStatement({ ...statement, query: readOnly ? plainText : text }, dialect);
  const isLimited = kind === 'query' && isClosed && maxRows < MAX_LIMIT;
  const bound = isLimited ? limited(asked, maxRows + 1, dialect) : asked;
  const reads = isReading(kind);
  if (readOnly && !reads) {
    if (kind === 'unknown') await explain({ warehouse, statement, bound });
    throw notAllowed(doubt);
  }
  const limits = { rowLimit: maxRows + 1, limitOnServer: kind === 'query' };
  let hasColumns = false;
  const watched: RowReceiver = {
    columns(columns) {
      hasColumns = true;
      receiver.columns(columns);
    },
    rows: (rows) => receiver.rows(rows),
  };
  const use = (operation: Operation) => receiveRows({ operation, receiver: watched, statement, kind });
  const leavesNoTrace = reads || kind === 'changing';
  const hasBegunToReturn = () => hasColumns;
  return inSession({ warehouse, statement, bound, ...limits, leavesNoTrace, reads, hasBegunToReturn, use });
}

/** The same query for its first rows, where the server cannot be told otherwise. */
function limited(bound: BoundStatement, rows: number, dialect: Dialect): BoundStatement {
  if (!dialect.limited) return bound;
  const { text, shift } = dialect.limited(bound.text, rows);
  return { ...bound, text, positionInQuery: (position) => bound.positionInQuery(position - shift) };
}

function expectOneStatement(query: string, kind: StatementKind): void {
  if (!query.isWellFormed()) {
    throw new SqlError({ code: 'syntax', message: 'The query contains half a character (a lone surrogate)' });
  }
  if (kind === 'moving') {
    const message =
      'PUT, GET and REMOVE move files between the workspace and the disk of the worker; taskwire moves none';
    throw new SqlError({ code: 'not_allowed', message });
  }
  if (kind === 'empty') throw new SqlError({ code: 'syntax', message: 'The query is empty' });
  if (kind === 'several') {
    throw new SqlError({
      code: 'several_statements',
      message: 'The query has several statements; send one at a time',
    });
  }
}

function notAllowed(doubt = `takes ${READING}`): SqlError {
  return new SqlError({ code: 'not_allowed', message: `This connection only reads: it ${doubt}`, isWrite: true });
}

const READING =
  'SELECT, VALUES, TABLE, SHOW, DESCRIBE, LIST, WITH and FROM without INSERT or the like, and EXPLAIN of these or of ' +
  'INSERT, UPDATE, DELETE, MERGE';

const EXPLAIN = 'EXPLAIN ';

/** EXPLAIN runs nothing but EXECUTE IMMEDIATE; and no statement at all ends in a parenthesis that nothing closes. */
export function onlyExplained(text: string): string {
  return `${EXPLAIN}${text}\n(`;
}

interface ExplainOptions {
  warehouse: Warehouse;
  statement: SqlStatement;
  bound: BoundStatement;
}

/**
 * Lets the engine say what is wrong with a statement that begins with an unknown word, such as `selec`.
 *
 * @throws {SqlError}
 */
async function explain({ warehouse, statement, bound }: ExplainOptions): Promise<void> {
  const explained = {
    ...bound,
    text: onlyExplained(bound.text),
    positionInQuery: (position: number) => bound.positionInQuery(Math.max(0, position - EXPLAIN.length)),
  };
  const limits = { rowLimit: statement.maxRows + 1, limitOnServer: false };
  await inSession({
    warehouse,
    statement,
    bound: explained,
    ...limits,
    leavesNoTrace: true,
    reads: true,
    use: (operation) => operation.finished(),
  });
}
