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
import type { ExportTarget, SqlExport, SqlStatement } from '../../driver.ts';
import type { ResultFormat } from '../../results/format.ts';
import { SqlError } from '../../sql-error.ts';
import { boundedFile } from './bounded-file.ts';
import { type BoundedStatement, copying, withoutRows } from './bounded-statement.ts';
import { errorOfThrown } from './errors.ts';
import type { FileColumn } from './file-column.ts';
import { firstRows } from './first-rows.ts';
import { bindParameters } from './parameters.ts';
import { parquetColumn } from './parquet-column.ts';
import { prepareReading } from './prepare-reading.ts';
import { columnsOf } from './rows.ts';
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

/** Writes texts as they are. */
const LINES = `format csv, header false, quote '', escape '', delim ''`;
/** The same for rows that are one JSON text. DuckDB does so itself, but only after it has planned the query twice. */
const LINE_OPTIONS: Readonly<Partial<Record<ResultFormat, string>>> = {
  json: `${LINES}, prefix e'[\\n\\t', suffix e'\\n]\\n', new_line e',\\n\\t'`,
  ndjson: LINES,
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
  const { maxRows, signal } = statement;
  const { format } = target;
  const reading = await prepareReading(session, statement);
  if (reading.status === 'other' || reading.isExplain) return undefined;
  const run = async ({ text, queryStartsAtByte }: BoundedStatement) => {
    try {
      const prepared = await connection.prepare(text);
      bindParameters(prepared, reading.values);
      return await prepared.run();
    } catch (thrown) {
      throw errorOfThrown({ thrown, query: statement.query, queryStartsAtByte });
    }
  };
  const none = await run(withoutRows(reading));
  const types = none.columnTypes();
  const columns = columnsOf(none, types);
  const names = columns.map(({ name }) => quotedIdentifier(name));
  const written = types.map((type, index) => FILE_COLUMNS[format](type, index + 1)) as FileColumn[];
  if (written.includes(undefined as never)) return undefined;

  const folder = await session.exportFolder();
  const paths: string[] = [];
  // A name of its own for each attempt: DuckDB may remove what a failed one has written after the next has begun.
  const newPath = () => {
    const path = join(folder, `${randomUUID()}.${format}`);
    paths.push(path);
    return path;
  };
  try {
    const to = (path: string, options = COPY_OPTIONS[format]) => `to ${quotedString(path)} (${options})`;
    const write = async (how: 'usual' | 'stored') => {
      const path = newPath();
      const values = written.map(({ usual, stored }) => (how === 'usual' && usual) || stored);
      const selected = LINE_OPTIONS[format]
        ? jsonText(names, values, how === 'usual' ? written.map(({ bounds }) => bounds) : [])
        : values.map((value, index) => `${value} as ${names[index]}`).join(', ');
      const counted = await boundedFile({
        path,
        maxBytes: target.maxBytes,
        interrupt: () => connection.interrupt(),
        work: async () => {
          signal.throwIfAborted();
          return run(copying(selected, reading, to(path, LINE_OPTIONS[format])));
        },
      });
      return { whole: path, found: await countIn(counted) };
    };
    const { whole, found } = await write('usual').catch((thrown) => {
      const isOfValue = thrown instanceof SqlError && OF_A_VALUE.has(String(thrown.engineCode));
      if (!isOfValue || written.every(({ usual }) => usual === undefined)) throw thrown;
      return write('stored');
    });
    const rowCount = Math.min(found, maxRows);
    const path = found > rowCount ? newPath() : whole;
    if (path !== whole) {
      await connection.run(`copy (from ${source(format, names, whole)} limit ${rowCount}) ${to(path)}`);
    }
    await checkComplete({ connection, format, path, rowCount });
    const preview = await firstRows({ connection, path, format, columns, written, count: target.previewRows });
    signal.throwIfAborted();
    await chmod(path, 0o600);
    await rename(path, target.path);
    return { columns, preview, rowCount, truncated: found > rowCount };
  } finally {
    await Promise.all(paths.map((path) => rm(path, { force: true })));
  }
}

/** The JSON of a row, in SQL; an error if a value is beyond its bounds. */
function jsonText(
  names: readonly string[],
  values: readonly string[],
  bounds: readonly FileColumn['bounds'][],
): string {
  // Together: DuckDB would take longer to plan a thousand checks than to write their columns.
  const unusual = [...new Set(bounds)].flatMap((shared) => {
    if (!shared) return [];
    const checked = values.filter((_, index) => bounds[index] === shared).join(', ');
    const [lowest, highest] = shared;
    return [`system.main.least(${checked}) < ${lowest} or system.main.greatest(${checked}) > ${highest}`];
  });
  const text = `system.main.to_json({${values.map((value, index) => `${names[index]}: ${value}`).join(', ')}})`;
  if (unusual.length === 0) return text;
  return `case when ${unusual.join(' or ')} then system.main.error('not usual') else ${text} end`;
}

/** Reads a file that was written, without changing a value. */
function source(format: ResultFormat, names: readonly string[], path: string): string {
  if (format === 'parquet') return `system.main.read_parquet(${quotedString(path)})`;
  const type = format === 'csv' ? 'VARCHAR' : 'JSON';
  const columns = `columns = {${names.map((name) => `${name}: '${type}'`).join(', ')}}`;
  // As it was written; DuckDB would guess otherwise.
  const csv = `header = true, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, auto_detect = false`;
  if (format === 'csv') return `system.main.read_csv(${quotedString(path)}, ${columns}, ${csv})`;
  const json = `format = '${format === 'json' ? 'array' : 'newline_delimited'}'`;
  return `system.main.read_json(${quotedString(path)}, ${columns}, ${json})`;
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

async function countIn(result: DuckDBMaterializedResult): Promise<number> {
  return Number((await result.getRows())[0]?.[0]);
}
