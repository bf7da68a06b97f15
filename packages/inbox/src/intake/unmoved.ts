import { type FileStamp, isSameFile } from './file-stamp.ts';
import type { Trouble } from './trouble.ts';

export interface UnmovedOptions {
  /** Looks at a file again. */
  look: (name: string) => void;
  trouble: Trouble;
}

/** A file that only needs to be moved out of the way. */
export interface ToMove {
  name: string;
  /** Undefined for what is not an ordinary file. */
  stamp: FileStamp | undefined;
  /** @throws when it cannot be moved, and is still where it was. */
  move: () => Promise<void>;
  /** Called instead when there is no such file any more. */
  gone: () => void;
}

/** So many failures are tried again at a time, until one of them succeeds. */
const TRIED_AT_ONCE = 64;

/**
 * Remembers the files that could not be moved (the folder is read-only, the disk is full), so that none is submitted again
 * and again, and tries again.
 */
export class Unmoved {
  readonly #options: UnmovedOptions;
  readonly #files = new Map<string, ToMove>();
  #triedAll = false;

  constructor(options: UnmovedOptions) {
    this.#options = options;
  }

  /** Moves a file, or remembers to do so. Never throws. */
  async move(file: ToMove): Promise<void> {
    const { name } = file;
    const { trouble, look } = this.#options;
    const isRetry = this.#files.delete(name);
    try {
      await file.move();
      trouble.over(name);
    } catch (error) {
      // At the end, so that each has its turn.
      this.#files.set(name, file);
      trouble.happened(name, error);
      return;
    }
    if (!isRetry || this.#triedAll) return;
    this.#triedAll = true;
    for (const other of this.#files.keys()) look(other);
  }

  /** What is known about this very file, not about another one of its name. */
  find(name: string, stamp: FileStamp | undefined): ToMove | undefined {
    const known = this.#files.get(name);
    if (!known?.stamp || !stamp) return known?.stamp === stamp ? known : undefined;
    return isSameFile(known.stamp, stamp) ? known : undefined;
  }

  /** The file is gone, or another one has its name. */
  forget(name: string): void {
    const known = this.#files.get(name);
    if (!known) return;
    this.#files.delete(name);
    this.#options.trouble.over(name);
    known.gone();
  }

  /** Tries again; each is looked at by its name. */
  retry(): void {
    this.#triedAll = false;
    for (const name of [...this.#files.keys()].slice(0, TRIED_AT_ONCE)) this.#options.look(name);
  }

  has(name: string): boolean {
    return this.#files.has(name);
  }
}
