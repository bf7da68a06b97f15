import type { SqlRow } from '../../driver.ts';
import { rowsOf } from './chunk.ts';
import { columnsOf } from './column-types.ts';
import type { Operation } from './operation.ts';
import { resultChunks } from './result-chunks.ts';

/** All rows of a statement of our own, whose result is small. */
export async function smallResult(operation: Operation): Promise<SqlRow[]> {
  await operation.finished();
  const metadata = await operation.metadata();
  if (!metadata) return [];
  const columns = columnsOf(metadata);
  const rowLimit = Number.MAX_SAFE_INTEGER;
  const rows: SqlRow[] = [];
  for await (const chunk of resultChunks({ ...operation.options, operation, metadata, columns, rowLimit })) {
    rows.push(...rowsOf(chunk, 0, chunk.rowCount));
  }
  return rows;
}
