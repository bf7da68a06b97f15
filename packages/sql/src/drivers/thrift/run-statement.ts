import type { RowReceiver, SqlStatement, SqlSummary } from '../../driver.ts';
import { SqlError } from '../../sql-error.ts';
import type { BoundStatement } from './dialect.ts';
import { inSession, type Warehouse } from './in-session.ts';
import type { Operation } from './operation.ts';
import { bindStatement } from './parameters.ts';
import { receiveRows } from './receive-rows.ts';
import { type StatementKind, statementIn } from './statement-kind.ts';

export interface RunStatementOptions {
  warehouse: Warehouse;
  statement: SqlStatement;
  receiver: RowReceiver;
}

/** Runs one statement. When this settles, the engine has ended it, as far as possible. */
export async function runStatement({ warehouse, statement, receiver }: RunStatementOptions): Promise<SqlSummary> {
  const { query, maxRows } = statement;
  if (!Number.isSafeInteger(maxRows) || maxRows < 0) throw new RangeError(`maxRows must be 0 or more, not ${maxRows}`);
  const { kind, text } = statementIn(query);
  expectOneStatement(query, kind);
  const bound = bindStatement({ ...statement, query: text }, warehouse.options.dialect);
  const isReading = kind === 'query' || kind === 'showing';
  if (warehouse.options.readOnly && !isReading) {
    if (kind === 'unknown') await explain({ warehouse, statement, bound });
    throw notAllowed();
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
  const use = (operation: Operation, deadline: number) => {
    const { signal } = statement;
    const { transport } = warehouse;
    return receiveRows({ operation, transport, receiver: watched, statement, signal, deadline, kind });
  };
  const mayRepeat = () => isReading && !hasColumns;
  return inSession({ warehouse, statement, bound, ...limits, leavesNoTrace: isReading, mayRepeat, use });
}

function expectOneStatement(query: string, kind: StatementKind): void {
  if (!query.isWellFormed()) {
    throw new SqlError({ code: 'syntax', message: 'The query contains half a character (a lone surrogate)' });
  }
  if (kind === 'empty') throw new SqlError({ code: 'syntax', message: 'The query is empty' });
  if (kind === 'several') {
    throw new SqlError({
      code: 'several_statements',
      message: 'The query has several statements; send one at a time',
    });
  }
}

function notAllowed(): SqlError {
  const message =
    'This connection only reads: SELECT, WITH, VALUES, TABLE, FROM, SHOW, DESCRIBE, EXPLAIN and LIST are allowed';
  return new SqlError({ code: 'not_allowed', message });
}

interface ExplainOptions {
  warehouse: Warehouse;
  statement: SqlStatement;
  bound: BoundStatement;
}

/**
 * Lets the engine say what is wrong with a statement that begins with an unknown word, such as `selec`. EXPLAIN runs
 * nothing, so a statement that we do not know does no harm.
 *
 * @throws {SqlError}
 */
async function explain({ warehouse, statement, bound }: ExplainOptions): Promise<void> {
  const prefix = 'EXPLAIN ';
  const explained = {
    ...bound,
    text: prefix + bound.text,
    positionInQuery: (position: number) => bound.positionInQuery(Math.max(0, position - prefix.length)),
  };
  const limits = { rowLimit: statement.maxRows + 1, limitOnServer: false };
  await inSession({
    warehouse,
    statement,
    bound: explained,
    ...limits,
    leavesNoTrace: true,
    use: (operation) => operation.finished(),
  });
}
