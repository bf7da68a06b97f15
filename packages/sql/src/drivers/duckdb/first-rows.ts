import { open } from 'node:fs/promises';
import { type DuckDBConnection, quotedString } from '@duckdb/node-api';
import type { JsonObject } from '@taskwire/protocol';
import type { SqlColumn, SqlRow } from '../../driver.ts';
import type { ResultFormat } from '../../results/format.ts';
import type { FileColumn } from './file-column.ts';
import { rowsIn } from './rows.ts';

/** A row that is not within these is too large for a message. */
const HEAD_BYTES = 256 * 1024;
const CSV_FIELD = /(?:"([^"]*(?:""[^"]*)*)"|([^",\n]*))([,\n])/gy;

export interface FirstRowsOptions {
  connection: DuckDBConnection;
  path: string;
  format: ResultFormat;
  columns: readonly SqlColumn[];
  written: readonly FileColumn[];
  count: number;
}

/** The first rows of a file that DuckDB has written, as far as they are small enough for a message. */
export async function firstRows({
  connection,
  path,
  format,
  columns,
  written,
  count,
}: FirstRowsOptions): Promise<SqlRow[]> {
  if (format === 'parquet') {
    const values = written.map(({ restored }, index) => restored ?? `#${index + 1}`).join(', ');
    const from = `system.main.read_parquet(${quotedString(path)})`;
    const result = await connection.run(`select ${values} from ${from} limit ${count}`);
    const types = result.columnTypes();
    const chunks = await result.fetchAllChunks();
    return chunks.flatMap((chunk) => rowsIn(chunk, types, columns));
  }
  const head = await headOf(path);
  if (format === 'csv') {
    const [, ...rows] = csvRows(head, count + 1);
    return rows.map((row) => row.map((text, at) => text && (written[at]?.read?.(text) ?? text)));
  }
  // A list has a line before its objects.
  const lines = head.slice(0, head.lastIndexOf('\n') + 1).split('\n', count + 1);
  const objects = lines.filter((line) => /^\s*{/.test(line)).slice(0, count);
  return objects.map((line) => {
    const row = JSON.parse(line.replace(/,$/, '')) as JsonObject;
    return columns.map(({ name }) => row[name] ?? null);
  });
}

async function headOf(path: string): Promise<string> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES));
  return buffer.toString('utf8', 0, bytesRead);
}

/** The texts of the first rows; null for NULL. */
function csvRows(head: string, count: number): (string | null)[][] {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [];
  for (const [, quoted, plain, end] of head.matchAll(CSV_FIELD)) {
    row.push(quoted?.replaceAll('""', '"') ?? (plain || null));
    if (end === ',') continue;
    if (rows.push(row) === count) break;
    row = [];
  }
  return rows;
}
