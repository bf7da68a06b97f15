import type { Validated } from '@taskwire/admission';
import type { Decode } from './decode.ts';
import { fileTaskId } from './file-task-id.ts';
import type { HalfWritten } from './half-written.ts';
import type { RequestToMove } from './move-request.ts';
import { type ReadRequestOptions, readRequest } from './read-request.ts';
import type { ToMove, Unmoved } from './unmoved.ts';

/** A file that was read, and what it asks for. */
export interface RequestFile extends ReturnType<Decode> {
  name: string;
  path: string | Buffer;
  /** What was read of it; undefined for what is no readable file. */
  read: RequestToMove['read'];
}

export interface RequestReaderOptions {
  maxBytes: number;
  decode: Decode;
  halfWritten: HalfWritten;
  unmoved: Unmoved;
}

/** Reads the files of `requests`, and recognizes those that need nothing, or only a move. */
export class RequestReader {
  readonly #options: RequestReaderOptions;

  constructor(options: RequestReaderOptions) {
    this.#options = options;
  }

  /**
   * Resolves with what to submit, if anything.
   *
   * @throws the error of the file system when it cannot be read just now.
   */
  async read({
    name,
    path,
    room,
  }: Pick<ReadRequestOptions, 'name' | 'path' | 'room'>): Promise<RequestFile | undefined> {
    const { maxBytes, decode, halfWritten, unmoved } = this.#options;
    let toMove: ToMove | undefined;
    const skip: ReadRequestOptions['skip'] = (stamp) => {
      toMove = unmoved.find(name, stamp);
      return toMove !== undefined || halfWritten.isUnchanged(name, stamp);
    };
    const read = await readRequest({ path, name, maxBytes, skip, room });
    if (read.status === 'failed') throw read.error;
    if (read.status === 'unusable') toMove = unmoved.find(name, undefined);
    if (toMove) {
      await unmoved.move(toMove);
      return undefined;
    }
    if (read.status === 'skipped') return undefined;
    unmoved.forget(name);
    if (read.status !== 'read') {
      halfWritten.forget(name);
      if (read.status === 'gone') return undefined;
      await room(0);
      const { rejection } = read;
      return { name, path, read: undefined, form: 'request', validated: { status: 'rejected', rejection } };
    }
    const { bytes, stamp } = read;
    const { form, validated } = decode(bytes, fileTaskId(name, stamp));
    if (isNoJson(validated)) {
      if (halfWritten.waitFor(name, stamp)) return undefined;
      const unchanged = `, and the file had not changed for ${halfWritten.waitMs / 1000} s`;
      validated.rejection.error += unchanged;
    }
    halfWritten.forget(name);
    return { name, path, read: { bytes, stamp }, form, validated };
  }
}

function isNoJson(validated: Validated): validated is Extract<Validated, { status: 'rejected' }> {
  return validated.status === 'rejected' && validated.rejection.code === 'invalid_json';
}
