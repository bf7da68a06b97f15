import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '@taskwire/protocol';
import type { SqlColumn, SqlDriver, SqlStatement, SqlSummary } from '../driver.ts';
import { SqlError } from '../sql-error.ts';
import { fileName, temporaryName } from './file-names.ts';
import type { ResultFormat } from './format.ts';
import { HeldRows } from './held-rows.ts';
import { factsOf, parquetColumns, parquetFromLines, placeColumns } from './parquet-from-rows.ts';
import { PREVIEW, ResultReceiver } from './result-receiver.ts';
import { makeResultsFolder } from './results-folder.ts';
import { csvEncoder, jsonEncoder, type RowEncoder } from './row-encoder.ts';
import { RowFile, tooLarge } from './row-file.ts';

/** How much larger JSON lines may be than the Parquet file made from them. */
const LINES_PER_PARQUET = 8;

export interface ResultOptions {
  /** Absolute; created when first needed, for its owner only. */
  directory: string;
  /** Names the file: the task id. */
  name: string;
  /** Of the file. If given, there is always a file; if not, only when the rows do not fit into a message, as JSON lines. */
  format?: ResultFormat | undefined;
  /** Rows of up to this many bytes, as JSON, are in the message. */
  maxInlineBytes: number;
  /** A larger file is an error. */
  maxFileBytes: number;
}

export interface ResultFile {
  /** Absolute. */
  path: string;
  format: ResultFormat;
  rows: number;
  bytes: number;
  sha256: string;
}

export interface SqlResult extends SqlSummary {
  readonly columns: readonly SqlColumn[];
  /** By column name. All of them, or the first ones when there is a file. */
  readonly rows: JsonObject[];
  readonly file?: ResultFile;
}

/**
 * Runs a statement and returns its rows, or writes them to a file if they are many. Its memory does not grow with the
 * result.
 *
 * @throws what `SqlDriver.run` throws; `SqlError` `too_large`. Then no file is left.
 */
export async function runToResult(
  driver: SqlDriver,
  statement: SqlStatement,
  options: ResultOptions,
): Promise<SqlResult> {
  const { format = 'ndjson' } = options;
  const path = join(options.directory, fileName(options.name, format));
  const exported = options.format && (await exportByEngine(driver, statement, { ...options, format, path }));
  if (exported) return exported;
  if (format === 'parquet') return viaLines(driver, statement, options, path);
  const { file, ...result } = await receive(driver, statement, {
    ...options,
    path,
    wantsFile: options.format !== undefined,
    encoderFor: (columns) => encoderOf(format, columns),
  });
  return { ...result, ...(file && { file: { path, format, rows: result.rowCount, ...file } }) };
}

function encoderOf(format: Exclude<ResultFormat, 'parquet'>, columns: readonly SqlColumn[]): RowEncoder {
  if (format === 'csv') return csvEncoder(columns);
  return jsonEncoder(columns, format === 'json' ? 'list' : 'lines');
}

interface ReceiveOptions extends ResultOptions {
  path: string;
  wantsFile: boolean;
  /** Other names for the columns. Default: those of the driver. */
  columnsFor?: (columns: readonly SqlColumn[]) => readonly SqlColumn[];
  encoderFor: (columns: readonly SqlColumn[]) => RowEncoder;
}

async function receive(driver: SqlDriver, statement: SqlStatement, options: ReceiveOptions) {
  const { path, wantsFile, columnsFor, encoderFor, maxInlineBytes, maxFileBytes } = options;
  const receiver = new ResultReceiver({
    maxInlineBytes,
    wantsFile,
    createFile: (columns) => RowFile.create({ path, encoder: encoderFor(columns), maxBytes: maxFileBytes }),
  });
  try {
    const columns = (found: readonly SqlColumn[]) => receiver.columns(columnsFor?.(found) ?? found);
    const summary = await driver.run(statement, { columns, rows: (rows) => receiver.rows(rows) });
    return { ...summary, ...(await receiver.finish()) };
  } catch (thrown) {
    await receiver.discard();
    throw thrown;
  }
}

async function exportByEngine(
  driver: SqlDriver,
  statement: SqlStatement,
  { directory, maxFileBytes: maxBytes, format, path }: ResultOptions & { format: ResultFormat; path: string },
): Promise<SqlResult | undefined> {
  if (!driver.exportFile) return undefined;
  await makeResultsFolder(directory);
  const target = { path, format, maxBytes, previewRows: PREVIEW.maxRows };
  const exported = await driver.exportFile(statement, target);
  if (!exported) return undefined;
  const { columns, preview, ...summary } = exported;
  const held = new HeldRows({ columns, ...PREVIEW });
  held.add(preview);
  const file: ResultFile = { path, format, rows: summary.rowCount, ...(await factsOf(path)) };
  return { ...summary, columns, rows: held.rows, file };
}

async function viaLines(
  driver: SqlDriver,
  statement: SqlStatement,
  options: ResultOptions,
  path: string,
): Promise<SqlResult> {
  const { directory, maxFileBytes } = options;
  const lines = join(directory, temporaryName());
  await makeResultsFolder(directory);
  try {
    const { file, ...result } = await receive(driver, statement, {
      ...options,
      path: lines,
      maxFileBytes: maxFileBytes * LINES_PER_PARQUET,
      wantsFile: true,
      columnsFor: parquetColumns,
      encoderFor: (columns) => jsonEncoder(placeColumns(columns), 'lines'),
    });
    if (!file) return result;
    const { columns, rowCount } = result;
    await parquetFromLines({ lines, path, columns, rowCount, signal: statement.signal });
    const facts = await factsOf(path);
    if (facts.bytes <= maxFileBytes) return { ...result, file: { path, format: 'parquet', rows: rowCount, ...facts } };
    await rm(path, { force: true });
    throw tooLarge(maxFileBytes);
  } catch (thrown) {
    throw thrown instanceof SqlError && thrown.code === 'too_large' ? tooLarge(maxFileBytes) : thrown;
  } finally {
    await rm(lines, { force: true });
  }
}
