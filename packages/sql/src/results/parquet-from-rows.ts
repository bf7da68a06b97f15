import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { uniqueNames } from '../column-names.ts';
import type { SqlColumn } from '../driver.ts';
import { SqlError } from '../sql-error.ts';
import { exportFolderName, temporaryName } from './file-names.ts';
import { type ParquetType, parquetTypeOf } from './parquet-types.ts';
import type { FileFacts } from './row-file.ts';

const MEMORY_LIMIT_MB = 256;

export interface ParquetOptions {
  /** Rows as JSON lines, the columns called by their place: `{"0": …, "1": …}`. */
  lines: string;
  path: string;
  columns: readonly SqlColumn[];
  rowCount: number;
  signal: AbortSignal;
}

/** The columns of a result with a Parquet file, which DuckDB writes: names must differ by more than their case. */
export function parquetColumns(columns: readonly SqlColumn[]): SqlColumn[] {
  const names = uniqueNames(
    columns.map(({ name }) => name),
    (name) => name.toLowerCase(),
  );
  return columns.map(({ type }, index) => ({ name: names[index] as string, type }));
}

/** The columns of the JSON lines that `parquetFromLines` reads. */
export function placeColumns(columns: readonly SqlColumn[]): SqlColumn[] {
  return columns.map(({ type }, place) => ({ name: String(place), type }));
}

/** Writes Parquet for engines that cannot: DuckDB does it, from JSON lines. */
export async function parquetFromLines({ lines, path, columns, rowCount, signal }: ParquetOptions): Promise<void> {
  const { DuckDBInstance, quotedIdentifier, quotedString } = await import('@duckdb/node-api');
  const spill = join(dirname(path), exportFolderName());
  const temporary = join(dirname(path), temporaryName());
  const settings = { memory_limit: `${MEMORY_LIMIT_MB}MB`, threads: '2', temp_directory: spill };
  const instance = await DuckDBInstance.create(':memory:', settings);
  const connection = await instance.connect();
  const interrupt = () => connection.interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    signal.throwIfAborted();
    const types = columns.map((_, place) => `${quotedString(String(place))}: 'VARCHAR'`).join(', ');
    const source = `read_json(${quotedString(lines)}, format = 'newline_delimited', columns = {${types}})`;
    const values = columns.map(({ name, type }, place) => {
      return `${restored(quotedIdentifier(String(place)), parquetTypeOf(type))} as ${quotedIdentifier(name)}`;
    });
    await connection.run(`set TimeZone = 'UTC'`);
    const copied = await connection.run(
      `copy (select ${values.join(', ')} from ${source}) to ${quotedString(temporary)} (format parquet)`,
    );
    const written = Number((await copied.getRows())[0]?.[0]);
    if (written !== rowCount) {
      const message = `${rowCount} rows came, but the Parquet file has ${written}`;
      throw new SqlError({ code: 'incomplete', message });
    }
    await chmod(temporary, 0o600);
    await rename(temporary, path);
  } catch (thrown) {
    signal.throwIfAborted();
    if (thrown instanceof SqlError) throw thrown;
    const [reason = ''] = String((thrown as Error).message)
      .replaceAll(lines, 'the rows')
      .split('\n');
    const message = `The rows cannot be written as Parquet; ask for another format. DuckDB says: ${reason}`;
    throw new SqlError({ code: 'failed', message, cause: thrown });
  } finally {
    signal.removeEventListener('abort', interrupt);
    connection.closeSync();
    instance.closeSync();
    await Promise.all([temporary, spill].map((left) => rm(left, { recursive: true, force: true })));
  }
}

function restored(column: string, { type, isBase64 }: ParquetType): string {
  if (isBase64) return `from_base64(${column})`;
  // DuckDB knows no sign before the years after 9999.
  return `cast(${/^(DATE|TIMESTAMP)/.test(type) ? `ltrim(${column}, '+')` : column} as ${type})`;
}

/** The description of a file that somebody else has written. */
export async function factsOf(path: string): Promise<FileFacts> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return { bytes: (await stat(path)).size, sha256: hash.digest('hex') };
}
