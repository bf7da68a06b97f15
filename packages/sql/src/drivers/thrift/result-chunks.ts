import { SqlError } from '../../sql-error.ts';
import { arrowChunks } from './arrow-chunks.ts';
import type { Chunk } from './chunk.ts';
import { cloudFiles, ExpiredAddressError } from './cloud-files.ts';
import { columnChunk } from './column-chunk.ts';
import type { ResultColumn } from './column-types.ts';
import type { Dialect } from './dialect.ts';
import type { Operation } from './operation.ts';
import { type Int64, numberOf, type TGetResultSetMetadataResp, type TRowSet } from './protocol.ts';
import type { Transport } from './transport.ts';

export interface ResultChunkOptions {
  operation: Operation;
  metadata: TGetResultSetMetadataResp;
  columns: readonly ResultColumn[];
  rowLimit: number;
  transport: Transport;
  signal: AbortSignal;
  deadline: number;
}

/**
 * The rows of a result in whatever form the server sends them: columns, Arrow, or files of Arrow in cloud storage. It
 * ends when the server has said that these were all, or when there are `rowLimit` of them (and perhaps some more).
 *
 * @throws {SqlError} `incomplete` when rows are missing: the server counts each part, and says where in the result it begins
 */
export async function* resultChunks(options: ResultChunkOptions): AsyncGenerator<Chunk> {
  const { operation, metadata, rowLimit } = options;
  if (metadata.lz4Compressed) throw incomplete('it is compressed with LZ4, which the driver did not request');
  let received = 0;
  let refetchedAt = -1;
  let isLost = false;
  for await (const response of operation.rowSets(() => ({ received, wanted: rowLimit - received, isLost }))) {
    const { results } = response;
    isLost = false;
    try {
      if (results) expectStart(results.startRowOffset, received, operation.options.dialect);
      for await (const chunk of results ? chunksOf(results, received, options) : []) {
        yield chunk;
        received += chunk.rowCount;
        if (received >= rowLimit) return;
      }
    } catch (thrown) {
      // The server gives new addresses, unless it has closed the statement.
      isLost = thrown instanceof ExpiredAddressError && refetchedAt < received && !operation.isClosedByServer;
      if (!isLost) throw thrown;
      refetchedAt = received;
    }
    if (operation.isClosedByServer && response.hasMoreRows) throw incomplete('there are more rows, but it was closed');
  }
}

async function* chunksOf(rowSet: TRowSet, received: number, options: ResultChunkOptions): AsyncGenerator<Chunk> {
  const { metadata, columns } = options;
  const schema = metadata.arrowSchema ?? new Uint8Array();
  if (rowSet.columns?.length) yield columnChunk(rowSet.columns, columns);
  for (const { batch, rowCount } of rowSet.arrowBatches ?? []) {
    yield* arrowChunks({ stream: [schema, batch], columns, rowCount: numberOf(rowCount) ?? 0 });
  }
  const links = rowSet.resultLinks ?? [];
  let expected = received;
  for (const link of links) {
    expectStart(link.startRowOffset, expected, options.operation.options.dialect);
    expected += numberOf(link.rowCount) ?? 0;
  }
  for await (const { bytes, rowCount } of cloudFiles({ ...options, links })) {
    yield* arrowChunks({ stream: [bytes], columns, rowCount });
  }
}

/** Some warehouses do not count, and send zero. */
function expectStart(offset: Int64, expected: number, { fetchesByOffset: mayNotCount }: Dialect): void {
  const start = numberOf(offset) ?? 0;
  if (start !== expected && !(start === 0 && mayNotCount))
    throw incomplete(`row ${start} came instead of row ${expected}`);
}

function incomplete(why: string): SqlError {
  return new SqlError({ code: 'incomplete', message: `The server sent an incomplete result: ${why}` });
}
