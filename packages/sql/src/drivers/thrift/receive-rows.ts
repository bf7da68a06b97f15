import { abortable } from '../../abortable.ts';
import type { RowReceiver, SqlStatement, SqlSummary } from '../../driver.ts';
import { type Chunk, rowsOf } from './chunk.ts';
import { columnsOf, type ResultColumn, withTypes } from './column-types.ts';
import { describedTypes } from './described-types.ts';
import type { Operation } from './operation.ts';
import { resultChunks } from './result-chunks.ts';
import { isReading, type StatementKind } from './statement-kind.ts';

/** Rows converted to JSON at a time; other work runs between two batches. */
const BATCH_ROWS = 1000;
/** What INSERT, UPDATE and DELETE return: no more than the number of rows. MERGE says more, and that is handed over. */
const PLAIN_COUNTS = new Set(['num_affected_rows', 'num_inserted_rows']);
const COUNT = 'num_affected_rows';
/** What may return rows of any kind. A comment before it: a column of that name is then taken for a count. */
const RETURNING = /^\s*(?:execute|begin|call)\b/i;

export interface ReceiveOptions {
  operation: Operation;
  receiver: RowReceiver;
  statement: SqlStatement;
  kind: StatementKind;
}

/** Hands over what a statement returns, once it has ended. */
export async function receiveRows(options: ReceiveOptions): Promise<SqlSummary> {
  const { operation, receiver, kind, statement } = options;
  await operation.finished();
  const metadata = await operation.metadata();
  let columns = metadata ? columnsOf(metadata) : [];
  if (columns.some(({ isUncertain }) => isUncertain)) {
    columns = withTypes(columns, await describedTypes(operation, kind, columns));
  }
  // In a query, a column of that name is a column as any other.
  const counts = kind !== 'query' && !RETURNING.test(statement.query) && columns[0]?.name === COUNT;
  const { modifiedRows } = operation;
  const isPlainCount = counts && columns.every(({ name }) => PLAIN_COUNTS.has(name));
  // Spark gives one to statements that have none.
  const isPlaceholder =
    !isReading(kind) && !RETURNING.test(statement.query) && columns.length === 1 && isResult(columns[0]);
  if (!metadata || columns.length === 0 || isPlaceholder) {
    receiver.columns([]);
    return { rowCount: 0, truncated: false, ...(modifiedRows !== undefined && { affectedRows: modifiedRows }) };
  }
  receiver.columns(isPlainCount ? [] : columns.map(({ name, type }) => ({ name, type })));
  const rowLimit = options.statement.maxRows + 1;
  const chunks = resultChunks({ ...operation.options, operation, metadata, columns, rowLimit });
  if (!counts) return deliver(chunks, options);
  return deliverCounts({ chunks, options, isPlainCount });
}

async function deliver(chunks: AsyncIterable<Chunk>, options: ReceiveOptions): Promise<SqlSummary> {
  const { operation, receiver, statement } = options;
  const { signal } = operation.options;
  let rowCount = 0;
  let truncated = false;
  for await (const chunk of chunks) {
    const wanted = Math.min(chunk.rowCount, statement.maxRows - rowCount);
    for (let from = 0; from < wanted; from += BATCH_ROWS) {
      const rows = rowsOf(chunk, from, Math.min(from + BATCH_ROWS, wanted));
      await abortable(Promise.resolve(receiver.rows(rows)), signal);
      await new Promise(setImmediate);
      signal.throwIfAborted();
    }
    rowCount += wanted;
    truncated ||= chunk.rowCount > wanted;
  }
  return { rowCount, truncated };
}

/** One row of numbers. */
async function deliverCounts(counts: {
  chunks: AsyncIterable<Chunk>;
  options: ReceiveOptions;
  isPlainCount: boolean;
}): Promise<SqlSummary> {
  const { chunks, options, isPlainCount } = counts;
  let affectedRows = options.operation.modifiedRows;
  const watched = async function* () {
    for await (const chunk of chunks) {
      const count = chunk.rowCount > 0 ? chunk.columns[0]?.(0) : undefined;
      if (typeof count === 'number') affectedRows = count;
      if (!isPlainCount) yield chunk;
    }
  };
  const summary = await deliver(watched(), options);
  return { ...summary, ...(affectedRows !== undefined && { affectedRows }) };
}

function isResult(column: ResultColumn | undefined): boolean {
  return column?.name === 'Result' && column.type === 'STRING';
}
