export interface LookQueueOptions {
  /** How many files are read at a time. */
  concurrency: number;
  /**
   * Takes one file. It calls `read` once the file is read, so that the next one begins: the rest of its work waits for
   * others. Never throws.
   */
  take: (name: string, read: () => void) => Promise<void>;
}

/** The files to look at, each by one at a time, whatever events come meanwhile. */
export class LookQueue {
  readonly #options: LookQueueOptions;
  readonly #waiting = new Set<string>();
  /** Continues where it was: restarting would rescan deleted entries. */
  #nextOnes = this.#waiting.values();
  readonly #taken = new Map<string, { again: boolean; ended: Promise<void> }>();
  #reading = 0;
  #stopped = false;

  constructor(options: LookQueueOptions) {
    this.#options = options;
  }

  /** Whether it is taken, or about to be. */
  has(name: string): boolean {
    return this.#waiting.has(name) || this.#taken.has(name);
  }

  /** A file that is being taken is looked at again afterwards. */
  look(name: string): void {
    if (this.#stopped) return;
    const taken = this.#taken.get(name);
    if (taken) {
      taken.again = true;
      return;
    }
    this.#waiting.add(name);
    this.#next();
  }

  /** Takes nothing more. */
  stop(): void {
    this.#stopped = true;
    this.#waiting.clear();
  }

  /** Resolves when all that was taken has ended. */
  async ended(): Promise<void> {
    await Promise.all([...this.#taken.values()].map(({ ended }) => ended));
  }

  #next(): void {
    while (this.#reading < this.#options.concurrency && this.#waiting.size > 0) {
      const { value: name, done } = this.#nextOnes.next();
      if (done) {
        this.#nextOnes = this.#waiting.values();
        continue;
      }
      this.#waiting.delete(name);
      this.#reading += 1;
      const taken = { again: false, ended: Promise.resolve() };
      this.#taken.set(name, taken);
      taken.ended = this.#take(name);
    }
  }

  async #take(name: string): Promise<void> {
    let reading = true;
    const read = () => {
      if (!reading) return;
      reading = false;
      this.#reading -= 1;
      this.#next();
    };
    await this.#options.take(name, read);
    const again = this.#taken.get(name)?.again;
    this.#taken.delete(name);
    if (again) this.look(name);
    read();
  }
}
