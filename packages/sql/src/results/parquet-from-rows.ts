import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { uniqueNames } from '../column-names.ts';
import type { SqlColumn } from '../driver.ts';
import { SqlError } from '../sql-error.ts';
import { exportFolderName, temporaryName } from './file-names.ts';
import { AS_TEXT, type ParquetType, parquetTypeOf } from './parquet-types.ts';
import type { PlainLines } from './plain-lines.ts';
import type { FileFacts } from './row-file.ts';

const MEMORY_LIMIT_MB = 256;
/** DuckDB holds a group of rows in memory until it is written. */
const MAX_GROUP_MB = 16;

export interface ParquetOptions {
  /** What has written `linesFile`. */
  lines: PlainLines;
  linesFile: string;
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
  return columns.map((column, index) => ({ ...column, name: names[index] as string }));
}

/** Writes Parquet for engines that cannot: DuckDB does it, from plain lines. */
export async function parquetFromLines(options: ParquetOptions): Promise<void> {
  const { lines, linesFile, path, columns, rowCount, signal } = options;
  const { DuckDBInstance, quotedIdentifier, quotedString } = await import('@duckdb/node-api');
  const spill = join(dirname(path), exportFolderName());
  const temporary = join(dirname(path), temporaryName());
  const settings = {
    memory_limit: `${MEMORY_LIMIT_MB}MB`,
    temp_directory: spill,
    // Groups limited by bytes need the second; with one thread the rows keep their order all the same.
    threads: '1',
    preserve_insertion_order: 'false',
  };
  const instance = await DuckDBInstance.create(':memory:', settings);
  const connection = await instance.connect();
  const interrupt = () => connection.interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    const source = lines.source(quotedString(linesFile), columns.length);
    const types = columns.map(parquetTypeOf);
    const copy = () => {
      const values = columns.map(({ name }, place) => {
        return `${restored('cast', lines.column(place), types[place] as ParquetType)} as ${quotedIdentifier(name)}`;
      });
      const format = `(format parquet, row_group_size_bytes '${MAX_GROUP_MB}MB')`;
      return connection.run(
        `copy (select ${values.join(', ')} from ${source}) to ${quotedString(temporary)} ${format}`,
      );
    };
    await connection.run(`set TimeZone = 'UTC'`);
    signal.throwIfAborted();
    const copied = await copy().catch(async (thrown) => {
      signal.throwIfAborted();
      // A column with a value that its type cannot hold, such as NaN in a decimal, is written as text.
      const fits = types.map((type, place) => {
        return `count(${restored('try_cast', lines.column(place), type)}) = count(${lines.column(place)})`;
      });
      const [fit = []] = await (await connection.run(`select ${fits.join(', ')} from ${source}`)).getRows();
      if (fit.every(Boolean)) throw thrown;
      for (const [place, isHeld] of fit.entries()) if (!isHeld) types[place] = AS_TEXT;
      return copy();
    });
    const written = Number((await copied.getRows())[0]?.[0]);
    if (written !== rowCount) {
      const message = `${rowCount} rows came, but the Parquet file has ${written}`;
      throw new SqlError({ code: 'incomplete', message });
    }
    await using file = await open(temporary, 'r+');
    await file.chmod(0o600);
    await file.sync();
    await rename(temporary, path);
  } catch (thrown) {
    signal.throwIfAborted();
    if (thrown instanceof SqlError) throw thrown;
    const [reason = ''] = String((thrown as Error).message)
      .replaceAll(linesFile, 'the rows')
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

function restored(cast: 'cast' | 'try_cast', column: string, { type, isBase64 }: ParquetType): string {
  if (isBase64) return `from_base64(${column})`;
  // DuckDB knows no sign before the years after 9999.
  return `${cast}(${/^(DATE|TIMESTAMP)/.test(type) ? `ltrim(${column}, '+')` : column} as ${type})`;
}

/** The description of a file that somebody else has written. */
export async function factsOf(path: string): Promise<FileFacts> {
  const hash = createHash('sha256');
  const buffer = Buffer.alloc(1024 * 1024);
  await using file = await open(path);
  for (;;) {
    const { bytesRead } = await file.read(buffer);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
  }
  return { bytes: (await file.stat()).size, sha256: hash.digest('hex') };
}
