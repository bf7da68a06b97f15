import { SqlError } from '../../sql-error.ts';
import { arrow, type RecordBatch } from './apache-arrow.ts';
import { arrowReader } from './arrow-values.ts';
import type { Chunk } from './chunk.ts';
import type { ResultColumn } from './column-types.ts';

export interface ArrowChunkOptions {
  /** An Arrow stream, in pieces. */
  stream: readonly Uint8Array[];
  columns: readonly ResultColumn[];
  /** The server's count. */
  rowCount: number;
}

/**
 * The rows of an Arrow stream, exactly as many as the server counted. After a LIMIT a file may hold more, which are not
 * part of the result.
 *
 * @throws {SqlError} `incomplete` when there are fewer rows, or other columns
 */
export function* arrowChunks({ stream, columns, rowCount }: ArrowChunkOptions): Generator<Chunk> {
  let missing = rowCount;
  for (const batch of batchesIn(stream)) {
    // Some servers send 0 for what they have not counted.
    if (rowCount === 0 && batch.numRows > 0) throw incomplete(`${batch.numRows} rows came in a part of 0`);
    if (missing === 0) return;
    if (batch.data.children.length !== columns.length) {
      throw incomplete(`${batch.data.children.length} of the ${columns.length} columns came`);
    }
    const count = Math.min(batch.numRows, missing);
    missing -= count;
    yield {
      rowCount: count,
      columns: batch.data.children.map((data, index) => arrowReader(data, columns[index]?.kind)),
    };
  }
  if (missing > 0) throw incomplete(`${rowCount - missing} of ${rowCount} rows came`);
}

function* batchesIn(stream: readonly Uint8Array[]): Generator<RecordBatch> {
  try {
    yield* arrow.RecordBatchReader.from(stream);
  } catch (cause) {
    if (cause instanceof SqlError) throw cause;
    throw new SqlError({
      code: 'incomplete',
      message: `The rows from the server cannot be read (${(cause as Error).message}); a cast to string may help`,
      cause,
    });
  }
}

function incomplete(message: string): SqlError {
  return new SqlError({ code: 'incomplete', message: `The server sent an incomplete result: ${message}` });
}
