import { constants, createReadStream } from 'node:fs';
import { access, chmod, copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { countedInWords } from '@taskwire/monitoring';
import { UsageError } from '../../command-error.ts';
import { RowsNotShownError } from './rows-not-shown-error.ts';
import type { SqlResult } from './sql-result.ts';

type RowFile = NonNullable<SqlResult['file']>;

/** Makes the folder for files of rows. @throws UsageError */
export async function makeOutFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw new UsageError(`--out: the folder ${folder} cannot be made: ${(error as NodeJS.ErrnoException).code}`);
  }
}

/** The file in which the rows were asked for. @throws RowsNotShownError */
export function rowFileOf({ file }: SqlResult): RowFile {
  if (file) return file;
  throw new RowsNotShownError('The sql-worker has written no file of the rows: it may be of another version');
}

/** Writes the file to standard output as it is, however large. @throws RowsNotShownError */
export async function printRowFile(file: RowFile): Promise<void> {
  await mustBeHere(file);
  try {
    await pipeline(createReadStream(file.path), process.stdout, { end: false });
  } catch (error) {
    // Whoever reads has seen enough.
    if ((error as NodeJS.ErrnoException).code !== 'EPIPE') throw error;
  }
}

/** @throws RowsNotShownError */
export async function copyRowFile(file: RowFile, path: string): Promise<void> {
  await mustBeHere(file);
  await putInPlace(path, async (temporary) => {
    await copyFile(file.path, temporary, constants.COPYFILE_FICLONE);
    // The original is for the user of the worker only; a copy is like any other file of whoever makes it.
    await chmod(temporary, 0o666 & ~process.umask());
  });
}

/** @throws RowsNotShownError */
export async function writeTextFile(text: string, path: string): Promise<void> {
  await putInPlace(path, (temporary) => writeFile(temporary, text));
}

/** Nobody sees half a file, and what an earlier run has left there is replaced by a whole one. */
async function putInPlace(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${process.pid}.part`;
  try {
    await write(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
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
