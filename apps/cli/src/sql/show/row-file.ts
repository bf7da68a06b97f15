import { constants, createReadStream } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { writeWhole } from '@taskwire/inbox';
import { countedInWords } from '@taskwire/monitoring';
import { UsageError } from '../../command-error.ts';
import { isReaderGone } from '../../stop-signal.ts';
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

/** The file with the requested rows. @throws RowsNotShownError */
export function rowFileOf({ file }: SqlResult): RowFile {
  if (file) return file;
  throw new RowsNotShownError('The sql-worker has written no file of the rows: it may be of another version');
}

/** Copies the file, of any size, to standard output. @throws RowsNotShownError, also when it is aborted */
export async function printRowFile(file: RowFile, signal?: AbortSignal): Promise<void> {
  await mustBeHere(file);
  try {
    await pipeline(createReadStream(file.path), process.stdout, { end: false, ...(signal && { signal }) });
  } catch (error) {
    if (signal?.aborted) throw new RowsNotShownError(ABORTED, { cause: error });
    // The reader has seen enough.
    if (!isReaderGone(error)) throw error;
  }
}

/** The copy gets the user's default permissions; only the worker's user can read the original. @throws RowsNotShownError */
export async function copyRowFile(file: RowFile, path: string, signal?: AbortSignal): Promise<void> {
  await mustBeHere(file);
  await writeRows(path, async (target) => {
    const rows = createReadStream(file.path, { highWaterMark: COPY_BYTES });
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
