import { type FileHandle, open } from 'node:fs/promises';
import { NOBODY, type Rejection } from '@taskwire/protocol';
import { PLAIN_FLAGS } from '../read-plain.ts';
import { type FileStamp, stampOf } from './file-stamp.ts';

/**
 * What a file held.
 *
 * - `gone`: there is no such file any more.
 * - `skipped`: the caller has no use for it now.
 * - `unusable`: it cannot hold a request, now or later.
 * - `failed`: it could not be read just now.
 */
export type RequestRead =
  | { status: 'read'; bytes: Buffer; stamp: FileStamp }
  | { status: 'gone' }
  | { status: 'skipped' }
  | { status: 'unusable'; rejection: Rejection }
  | { status: 'failed'; error: Error };

export interface ReadRequestOptions {
  path: string | Buffer;
  /** As shown to people. */
  name: string;
  /** A larger file is not read. */
  maxBytes: number;
  /** Asked before anything is read. Default: never. */
  skip?: (stamp: FileStamp) => boolean;
  /** Waits until so many bytes may be held. */
  room: (bytes: number) => Promise<void>;
}

/** Reads one file, whatever it is and whoever made it. Never throws. */
export async function readRequest(options: ReadRequestOptions): Promise<RequestRead> {
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
        if (!(await stampOf(path).catch(() => undefined))) break;
        return unusable(name, 'may not be read by the user that taskwire runs as; give that user the right to read it');
    }
    return { status: 'failed', error: error as Error };
  }
}

async function readOpened(file: FileHandle, { name, maxBytes, skip, room }: ReadRequestOptions): Promise<RequestRead> {
  const stamp = await file.stat({ bigint: true });
  if (stamp.isDirectory()) return unusable(name, 'is a folder; put files into requests, none in folders of their own');
  if (stamp.isFIFO()) return unusable(name, 'is a pipe; write the request into an ordinary file');
  if (!stamp.isFile()) return unusable(name, 'is a device; write the request into an ordinary file');
  if (skip?.(stamp)) return { status: 'skipped' };
  if (stamp.size > maxBytes) {
    const fault = `has ${stamp.size} bytes; at most ${maxBytes} are accepted (processor.max_message_bytes)`;
    return unusable(name, fault, 'message_too_large');
  }
  const size = Number(stamp.size);
  await room(size);
  const bytes = Buffer.allocUnsafe(size);
  let length = 0;
  while (length < size) {
    const { bytesRead } = await file.read(bytes, length, size - length, length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return { status: 'read', bytes: bytes.subarray(0, length), stamp };
}

function unusable(name: string, fault: string, code: Rejection['code'] = 'invalid_message'): RequestRead {
  const rejection = { code, error: `The file ${JSON.stringify(name)} ${fault}`, task: NOBODY };
  return { status: 'unusable', rejection };
}
