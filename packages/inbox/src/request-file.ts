import type { BigIntStats } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { NOBODY, type Rejection } from '@taskwire/protocol';
import { PLAIN_FLAGS } from './plain-flags.ts';

/**
 * What a file held.
 *
 * - `gone`: there is no such file any more.
 * - `unusable`: it cannot hold a request, now or later. `bytes`: its beginning and its end, if it is a file that is too large.
 */
export type RequestFile =
  | { status: 'read'; bytes: Buffer; stats: BigIntStats }
  | { status: 'unusable'; bytes: Buffer; rejection: Rejection }
  | { status: 'gone' };

export interface ReadRequestOptions {
  path: string | Buffer;
  /** As shown to people. */
  name: string;
  /** Of a larger file only both ends are read. */
  maxBytes: number;
}

/** Of a file that is too large, its beginning and its end are read, to find what it calls itself. */
const END_BYTES = 64 * 1024;

const NOTHING = Buffer.alloc(0);

/**
 * Reads one file, whatever it is and whoever made it.
 *
 * @throws the error of the file system when it cannot be read just now.
 */
export async function readRequest(options: ReadRequestOptions): Promise<RequestFile> {
  const { path, name } = options;
  try {
    await using file = await open(path, PLAIN_FLAGS);
    return await readOpened(file, options);
  } catch (error) {
    switch ((error as NodeJS.ErrnoException).code) {
      case 'ENOENT':
      case 'ENOTDIR':
        return { status: 'gone' };
      case 'ELOOP':
        return unusable(name, 'is a link, and links are not followed; write the request itself');
      case 'ENXIO':
        return unusable(name, 'is a socket or a device; write the request into an ordinary file');
      case 'EACCES':
      case 'EPERM':
        // If even its name cannot be looked up, the fault is in the folder.
        await lstat(path);
        return unusable(name, 'may not be read by the user that taskwire runs as; give that user the right to read it');
    }
    throw error;
  }
}

async function readOpened(file: FileHandle, { name, maxBytes }: ReadRequestOptions): Promise<RequestFile> {
  const stats = await file.stat({ bigint: true });
  if (stats.isDirectory()) return unusable(name, 'is a folder; put files into requests, none in folders of their own');
  if (stats.isFIFO()) return unusable(name, 'is a pipe; write the request into an ordinary file');
  if (!stats.isFile()) return unusable(name, 'is a device; write the request into an ordinary file');
  const size = Number(stats.size);
  if (size <= maxBytes) return { status: 'read', bytes: await readPart(file, 0, size), stats };
  const bytes = Buffer.concat([
    await readPart(file, 0, END_BYTES),
    await readPart(file, Math.max(END_BYTES, size - END_BYTES), END_BYTES),
  ]);
  const fault = `has ${stats.size} bytes; at most ${maxBytes} are accepted (processor.max_message_bytes)`;
  return unusable(name, fault, { code: 'message_too_large', bytes });
}

async function readPart(file: FileHandle, begin: number, size: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await file.read(buffer, length, size - length, begin + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}

function unusable(
  name: string,
  fault: string,
  { code = 'invalid_message', bytes = NOTHING }: { code?: Rejection['code']; bytes?: Buffer } = {},
): RequestFile {
  const rejection = { code, error: `The file ${JSON.stringify(name)} ${fault}`, task: NOBODY };
  return { status: 'unusable', bytes, rejection };
}
