import { randomUUID } from 'node:crypto';
import { chmod, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type DuckDBConnection,
  type DuckDBMaterializedResult,
  type DuckDBType,
  quotedIdentifier,
  quotedString,
} from '@duckdb/node-api';
import type { ExportTarget, SqlColumn, SqlExport, SqlRow, SqlStatement } from '../../driver.ts';
import type { ResultFormat } from '../../results/format.ts';
import { SqlError } from '../../sql-error.ts';
import { boundedFile } from './bounded-file.ts';
import { errorOfThrown } from './errors.ts';
import type { FileColumn } from './file-column.ts';
import { bindParameters } from './parameters.ts';
import { parquetColumn } from './parquet-column.ts';
import { type Prepared, prepareReading } from './prepare-reading.ts';
import { columnsOf, rowsIn } from './rows.ts';
import type { DuckDbSession } from './session.ts';
import { csvColumn, jsonColumn } from './text-column.ts';

export interface ExportOptions {
  session: DuckDbSession;
  statement: SqlStatement;
  target: ExportTarget;
}

const COPY_OPTIONS: Readonly<Record<ResultFormat, string>> = {
  csv: 'format csv, header',
  json: 'format json, array true',
  ndjson: 'format json',
  parquet: 'format parquet',
};

/**
 * How to write a column to a file of a format without loss, with the same values as our JSON. Undefined if DuckDB cannot;
 * then the rows must pass through us.
 */
const FILE_COLUMNS: Readonly<Record<ResultFormat, (type: DuckDBType, place: number) => FileColumn | undefined>> = {
  csv: csvColumn,
  json: jsonColumn,
  ndjson: jsonColumn,
  parquet: parquetColumn,
};

/** Errors that one value causes: its column is then written as all values allow. */
const OF_A_VALUE: ReadonlySet<string> = new Set(['Conversion', 'Out of Range', 'Invalid Input']);

/** Lets DuckDB itself write the rows of a statement: all of them, or an error and no file. */
export async function exportFile({ session, statement, target }: ExportOptions): Promise<SqlExport | undefined> {
  const { connection } = session;
  const { query, maxRows, signal } = statement;
  const { format } = target;
  const reading = await prepareReading(session, statement);
  if (reading.status === 'other' || reading.isExplain) return undefined;
  const none = await runInSubquery({ connection, reading, query, before: 'select * from (', after: ') limit 0' });
  const columns = columnsOf(none);
  const names = columns.map(({ name }) => quotedIdentifier(name));
  const types = none.columnTypes();
  const written = types.map((type, index) => FILE_COLUMNS[format](type, index + 1)) as FileColumn[];
  if (written.includes(undefined as never)) return undefined;

  const folder = await session.exportFolder();
  const whole = join(folder, `${randomUUID()}.${format}`);
  const cut = join(folder, `${randomUUID()}.${format}`);
  try {
    const to = (path: string) => `to ${quotedString(path)} (${COPY_OPTIONS[format]})`;
    const write = (how: 'usual' | 'stored') => {
      const stored = written.map((column, index) => `${column[how] ?? column.stored} as ${names[index]}`).join(', ');
      const around = { before: `copy (select ${stored} from (`, after: `)) ${to(whole)}` };
      return boundedFile({
        path: whole,
        maxBytes: target.maxBytes,
        interrupt: () => connection.interrupt(),
        work: async () => {
          signal.throwIfAborted();
          return runInSubquery({ connection, reading, query, ...around });
        },
      });
    };
    const counted = await write('usual').catch((thrown) => {
      const isOfValue = thrown instanceof SqlError && OF_A_VALUE.has(String(thrown.engineCode));
      if (!isOfValue || written.every(({ usual }) => usual === undefined)) throw thrown;
      return write('stored');
    });
    const found = await countIn(counted);
    const rowCount = Math.min(found, maxRows);
    const path = found > rowCount ? cut : whole;
    if (path === cut) {
      await connection.run(`copy (from ${source(format, names, whole)} limit ${rowCount}) ${to(cut)}`);
    }
    await checkComplete({ connection, format, path, rowCount });
    const preview = await firstRows({
      connection,
      from: source(format, names, path),
      columns,
      written,
      count: target.previewRows,
    });
    signal.throwIfAborted();
    await chmod(path, 0o600);
    await rename(path, target.path);
    return { columns, preview, rowCount, truncated: found > rowCount };
  } finally {
    await Promise.all([whole, cut].map((path) => rm(path, { force: true })));
  }
}

/** Reads a file that was written; of text formats, texts. */
function source(format: ResultFormat, names: readonly string[], path: string): string {
  if (format === 'parquet') return `system.main.read_parquet(${quotedString(path)})`;
  const columns = `columns = {${names.map((name) => `${name}: 'VARCHAR'`).join(', ')}}`;
  // As it was written; DuckDB would guess otherwise.
  const csv = `header = true, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, auto_detect = false`;
  if (format === 'csv') return `system.main.read_csv(${quotedString(path)}, ${columns}, ${csv})`;
  const json = `format = '${format === 'json' ? 'array' : 'newline_delimited'}'`;
  return `system.main.read_json(${quotedString(path)}, ${columns}, ${json})`;
}

interface RunInSubqueryOptions {
  connection: DuckDBConnection;
  reading: Extract<Prepared, { status: 'reading' }>;
  query: string;
  before: string;
  after: string;
}

async function runInSubquery(options: RunInSubqueryOptions): Promise<DuckDBMaterializedResult> {
  const { connection, reading, query, before, after } = options;
  try {
    const prepared = await connection.prepare(before + reading.text + after);
    bindParameters(prepared, reading.values);
    return await prepared.run();
  } catch (thrown) {
    const queryStartsAtByte = Buffer.byteLength(before) + reading.queryStartsAtByte;
    throw errorOfThrown({ thrown, query, queryStartsAtByte });
  }
}

interface CheckOptions {
  connection: DuckDBConnection;
  format: ResultFormat;
  path: string;
  rowCount: number;
}

/** A Parquet file says how many rows it has. A text file would have to be read again: there DuckDB's own count is used. */
async function checkComplete({ connection, format, path, rowCount }: CheckOptions): Promise<void> {
  if (format !== 'parquet') return;
  const inFile = await countIn(
    await connection.run(`select num_rows from system.main.parquet_file_metadata(${quotedString(path)})`),
  );
  if (inFile === rowCount) return;
  const message = `DuckDB counted ${rowCount} rows, but wrote ${inFile} to the file`;
  throw new SqlError({ code: 'incomplete', message });
}

interface FirstRowsOptions {
  connection: DuckDBConnection;
  /** What reads the file. */
  from: string;
  columns: readonly SqlColumn[];
  written: readonly FileColumn[];
  count: number;
}

async function firstRows({ connection, from, columns, written, count }: FirstRowsOptions): Promise<SqlRow[]> {
  const values = written.map(({ restored }) => restored).join(', ');
  const result = await connection.run(`select ${values} from ${from} limit ${count}`);
  const types = result.columnTypes();
  const chunks = await result.fetchAllChunks();
  return chunks.flatMap((chunk) => rowsIn(chunk, types, columns));
}

async function countIn(result: DuckDBMaterializedResult): Promise<number> {
  return Number((await result.getRows())[0]?.[0]);
}
