import { type FileHandle, open } from 'node:fs/promises';
import { PLAIN_FLAGS } from './plain-flags.ts';

/** Where the rows of a SQL result are: its `file`. */
export interface RowsFile {
  /** Absolute. */
  path: string;
  format: string;
  rows: number;
  bytes: number;
}

/** The file with the rows is not there, cannot be read, or is another one. */
export class RowsUnreadableError extends Error {
  readonly code = 'rows_unreadable';
}

/** Small enough that none of them holds up the event loop. */
const CHUNK_BYTES = 256 * 1024;

/** These pass, and say nothing about the file. */
const TRANSIENT: readonly unknown[] = ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN'];

/**
 * The rows of a file of JSON lines as the inside of a JSON list, in pieces: one row per line, their exact texts.
 *
 * @throws RowsUnreadableError, also at the end, when there were fewer rows than the result says.
 */
export async function* rowsInList({ path, format, rows, bytes }: RowsFile): AsyncGenerator<Buffer> {
  if (format !== 'ndjson') throw new RowsUnreadableError(`${path} is ${format}, not JSON lines`);
  await using file = await opened(path);
  const stats = await file.stat();
  if (!stats.isFile() || stats.size !== bytes) throw new RowsUnreadableError(`${path} is not the file of this result`);
  let left = bytes;
  let lines = 0;
  while (left > 0) {
    const chunk = await read(file, path, Math.min(left, CHUNK_BYTES));
    left -= chunk.length;
    // One character per byte: so only the ends of lines are touched.
    const text = chunk.toString('latin1');
    const ended = text.replaceAll('\n', ',\n');
    lines += ended.length - text.length;
    if (left > 0) yield Buffer.from(ended, 'latin1');
    else if (ended.endsWith(',\n')) yield Buffer.from(ended.slice(0, -2), 'latin1');
    else {
      lines += 1;
      yield Buffer.from(ended, 'latin1');
    }
  }
  if (lines !== rows) throw new RowsUnreadableError(`${path} has ${lines} rows; the result says ${rows}`);
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, PLAIN_FLAGS);
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function read(file: FileHandle, path: string, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(buffer, 0, length).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (bytesRead === 0) throw new RowsUnreadableError(`${path} became shorter while it was read`);
  return buffer.subarray(0, bytesRead);
}

function unreadable(path: string, cause: unknown): unknown {
  const { code, message } = cause as NodeJS.ErrnoException;
  return TRANSIENT.includes(code) ? cause : new RowsUnreadableError(`${path} cannot be read: ${message}`, { cause });
}
