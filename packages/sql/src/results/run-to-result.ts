import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '@taskwire/protocol';
import type { SqlColumn, SqlDriver, SqlRow, SqlStatement, SqlSummary } from '../driver.ts';
import { SqlError } from '../sql-error.ts';
import { fileName, temporaryName } from './file-names.ts';
import type { ResultFormat } from './format.ts';
import { HeldRows } from './held-rows.ts';
import { factsOf, parquetColumns, parquetFromLines } from './parquet-from-rows.ts';
import { PlainLines } from './plain-lines.ts';
import { PREVIEW, ResultReceiver } from './result-receiver.ts';
import { makeResultsFolder } from './results-folder.ts';
import { csvEncoder, jsonEncoder, type RowEncoder } from './row-encoder.ts';
import { RowFile, tooLarge } from './row-file.ts';

/** How much larger plain lines may be than the Parquet file made from them. */
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
  const how = {
    ...options,
    path,
    wantsFile: options.format !== undefined,
    encoderFor: (columns: readonly SqlColumn[]) => encoderOf(format, columns),
  };
  return receive(driver, statement, how, ({ file, ...result }) => ({
    ...result,
    ...(file && { file: { path, format, rows: result.rowCount, ...file } }),
  }));
}

/** What writes rows in a format of text. */
export function encoderOf(format: Exclude<ResultFormat, 'parquet'>, columns: readonly SqlColumn[]): RowEncoder {
  if (format === 'csv') return csvEncoder(columns);
  return jsonEncoder(columns, format === 'json' ? 'list' : 'lines');
}

interface ReceiveOptions extends ResultOptions {
  path: string;
  wantsFile: boolean;
  /** The file is read once, and removed. */
  isScratch?: boolean;
  /** Other names for the columns. Default: those of the driver. */
  columnsFor?: (columns: readonly SqlColumn[]) => readonly SqlColumn[];
  encoderFor: (columns: readonly SqlColumn[]) => RowEncoder;
}

/** @param finish what becomes of the rows when all have come; a statement that can be undone takes effect after it */
async function receive<T>(
  driver: SqlDriver,
  statement: SqlStatement,
  options: ReceiveOptions,
  finish: (received: SqlSummary & Awaited<ReturnType<ResultReceiver['finish']>>) => Promise<T> | T,
): Promise<T> {
  const { path, wantsFile, isScratch = false, columnsFor, encoderFor, maxInlineBytes, maxFileBytes } = options;
  const receiver = new ResultReceiver({
    maxInlineBytes,
    wantsFile,
    createFile: (columns) => RowFile.create({ path, encoder: encoderFor(columns), maxBytes: maxFileBytes, isScratch }),
  });
  let finished: Promise<T> | undefined;
  const complete = (summary: SqlSummary) => {
    finished ??= receiver.finish().then((received) => finish({ ...summary, ...received }));
    return finished;
  };
  try {
    const columns = (found: readonly SqlColumn[]) => receiver.columns(columnsFor?.(found) ?? found);
    const rows = (batch: readonly SqlRow[]) => receiver.rows(batch);
    return await complete(
      await driver.run(statement, { columns, rows, complete: async (all) => void (await complete(all)) }),
    );
  } catch (thrown) {
    await receiver.discard();
    // It may have been complete before the statement failed to take effect.
    if (finished) await rm(path, { force: true });
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
  const lines = new PlainLines();
  const linesFile = join(directory, temporaryName());
  let isWritten = false;
  await makeResultsFolder(directory);
  try {
    const how = {
      ...options,
      path: linesFile,
      maxFileBytes: maxFileBytes * LINES_PER_PARQUET,
      wantsFile: true,
      isScratch: true,
      columnsFor: parquetColumns,
      encoderFor: () => lines,
    };
    return await receive(driver, statement, how, async ({ file, ...result }) => {
      // Parquet has no rows without columns: their number is in the message.
      if (!file || result.columns.length === 0) return result;
      const { columns, rowCount } = result;
      await parquetFromLines({ lines, linesFile, path, columns, rowCount, signal: statement.signal });
      isWritten = true;
      const facts = await factsOf(path);
      if (facts.bytes > maxFileBytes) throw tooLarge(maxFileBytes);
      return { ...result, file: { path, format: 'parquet' as const, rows: rowCount, ...facts } };
    });
  } catch (thrown) {
    // Only ours: another worker may have the task now.
    if (isWritten) await rm(path, { force: true });
    throw thrown instanceof SqlError && thrown.code === 'too_large' ? tooLarge(maxFileBytes) : thrown;
  } finally {
    await rm(linesFile, { force: true });
  }
}
