import { type FileStamp, isSameFile } from './file-stamp.ts';

export interface HalfWrittenOptions {
  /** How long a file that is not JSON may stay unchanged before it counts as broken. */
  waitMs: number;
  /** Looks at a file again. */
  look: (name: string) => void;
}

interface Waiting {
  stamp: FileStamp;
  /** Whether the time is up. */
  due: boolean;
  timer: NodeJS.Timeout;
}

/** The files that their writers seem not to have finished yet. */
export class HalfWritten implements Disposable {
  readonly #options: HalfWrittenOptions;
  readonly #files = new Map<string, Waiting>();

  constructor(options: HalfWrittenOptions) {
    this.#options = options;
  }

  get waitMs(): number {
    return this.#options.waitMs;
  }

  /** Whether this file is unchanged since it was read, and may still change. */
  isUnchanged(name: string, stamp: FileStamp): boolean {
    const known = this.#files.get(name);
    return known !== undefined && !known.due && isSameFile(known.stamp, stamp);
  }

  /** Whether to wait for the rest of a file that was read and is not JSON: no, when it has been like this for long. */
  waitFor(name: string, stamp: FileStamp): boolean {
    const known = this.#files.get(name);
    if (known && isSameFile(known.stamp, stamp)) return !known.due;
    this.forget(name);
    const timer = setTimeout(() => {
      waiting.due = true;
      this.#options.look(name);
    }, this.#options.waitMs);
    timer.unref();
    const waiting: Waiting = { stamp, due: false, timer };
    this.#files.set(name, waiting);
    return true;
  }

  forget(name: string): void {
    clearTimeout(this.#files.get(name)?.timer);
    this.#files.delete(name);
  }

  [Symbol.dispose](): void {
    for (const name of [...this.#files.keys()]) this.forget(name);
  }
}
