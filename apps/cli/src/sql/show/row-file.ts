import { constants, createReadStream } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { writeWhole } from '@taskwire/inbox/folder';
import { countedInWords } from '@taskwire/monitoring/status';
import type { JsonObject } from '@taskwire/protocol';
import { encoderOf } from '@taskwire/sql';
import { UsageError } from '../../command-error.ts';
import { linesOf } from '../../lines.ts';
import { isReaderGone } from '../../stop-signal.ts';
import type { RowFormat } from './format.ts';
import { RowsNotShownError, type SqlResult } from './sql-result.ts';

const COPY_BYTES = 1024 * 1024;
const ABORTED = 'It was stopped before all of its rows were written';

type RowFile = NonNullable<SqlResult['file']>;

/** Makes the folder for files of rows. @throws UsageError */
export async function makeOutFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new UsageError(`--out: the folder ${folder} cannot be made: ${(error as NodeJS.ErrnoException).code}`);
  }
}

export interface RowsOptions {
  format: RowFormat;
  /** Whether a CSV begins with a byte order mark, by which Excel knows UTF-8. */
  bom?: boolean | undefined;
}

/**
 * All rows in a format: the file of the sql-worker as it is, or made of those in the message or in a file of JSON lines.
 *
 * @throws RowsNotShownError
 */
export async function* rowsIn(result: SqlResult, { format, bom }: RowsOptions): AsyncGenerator<Buffer | string, void> {
  if (bom) yield '\ufeff';
  const { file, columns } = result;
  if (file?.format === format) {
    await mustBeHere(file);
    return yield* createReadStream(file.path, { highWaterMark: COPY_BYTES });
  }
  if (format === 'parquet') throw notIn(format, result);
  const encoder = encoderOf(format, columns);
  yield encoder.begin;
  let count = 0;
  for await (const row of rowsOf(result, format)) {
    yield encoder.rows([columns.map(({ name }) => row[name] ?? null)], count);
    count += 1;
  }
  yield encoder.end;
}

async function* rowsOf(result: SqlResult, format: RowFormat): AsyncGenerator<JsonObject, void> {
  const { rows, row_count, file } = result;
  if (rows.length >= row_count) return yield* rows;
  if (file?.format !== 'ndjson') throw notIn(format, result);
  await mustBeHere(file);
  for await (const line of linesOf(createReadStream(file.path))) yield JSON.parse(line);
}

function notIn(format: RowFormat, { file }: SqlResult): RowsNotShownError {
  const there = file ? `are a file in ${file.format}` : 'are in the message alone';
  return new RowsNotShownError(`Its rows ${there}: for ${format}, run it with --format ${format}`);
}

/** Writes rows of any number to standard output. @throws RowsNotShownError, also when it is aborted */
export async function printRows(rows: AsyncIterable<Buffer | string>, signal?: AbortSignal): Promise<void> {
  try {
    // As a stream: a generator would not be given up while nobody reads.
    await pipeline(Readable.from(rows), process.stdout, { end: false, ...(signal && { signal }) });
  } catch (error) {
    // The reader has seen enough.
    if (isReaderGone(process.stdout.errored ?? error)) return;
    throw signal?.aborted ? new RowsNotShownError(ABORTED, { cause: error }) : error;
  }
}

/** The copy gets the user's default permissions; only the worker's user can read the original. @throws RowsNotShownError */
export async function copyRows(
  rows: AsyncIterable<Buffer | string>,
  path: string,
  signal?: AbortSignal,
): Promise<void> {
  await writeRows(path, async (target) => {
    await pipeline(rows, (chunks) => target.writeFile(chunks), { ...(signal && { signal }) });
  }).catch((error) => {
    throw signal?.aborted ? new RowsNotShownError(ABORTED, { cause: error }) : error;
  });
}

/** @throws RowsNotShownError */
export async function writeRows(path: string, content: Parameters<typeof writeWhole>[1]): Promise<void> {
  try {
    await writeWhole(path, content, { mode: 0o666 });
  } catch (error) {
    if (error instanceof RowsNotShownError) throw error;
    const reason = (error as NodeJS.ErrnoException).code ?? error;
    throw new RowsNotShownError(`The rows cannot be written to ${path}: ${reason}`, { cause: error });
  }
}

async function mustBeHere({ path, rows, bytes }: RowFile): Promise<void> {
  try {
    await access(path, constants.R_OK);
  } catch (cause) {
    const what = `${countedInWords(rows, 'row')}, ${countedInWords(bytes, 'byte')}`;
    const advice = `fetch it there, or put ${dirname(path)} on a disk that both machines share`;
    const message = `Its file (${what}) is ${path} on the machine of the sql-worker, and cannot be read here: ${advice}`;
    throw new RowsNotShownError(message, { cause });
  }
}
