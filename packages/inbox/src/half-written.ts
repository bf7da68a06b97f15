import type { BigIntStats } from 'node:fs';

export interface HalfWrittenOptions {
  /** How long a file that is not JSON may stay unchanged before it counts as broken. */
  waitMs: number;
  /** Looks at a file again. */
  look: (name: string) => void;
}

interface Waiting {
  stamp: string;
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

  /** Whether to wait for the rest of a file that was read and is not JSON: no, when it has been like this for long. */
  waitFor(name: string, { ino, size, mtimeNs }: BigIntStats): boolean {
    const stamp = `${ino} ${size} ${mtimeNs}`;
    const known = this.#files.get(name);
    if (known?.stamp === stamp) return !known.due;
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
