/** Work of which only so much is done at a time, in the order in which it came. */
export class Slots {
  readonly #waiting: (() => void)[] = [];
  readonly #underWay = new Set<Promise<unknown>>();
  #free: number;
  #isClosed = false;

  /** @param count how much at a time. */
  constructor(count: number) {
    this.#free = count;
  }

  /** Never settles when it is closed before the work begins. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free === 0) await new Promise<void>((enter) => this.#waiting.push(enter));
    else this.#free -= 1;
    if (this.#isClosed) return new Promise<never>(() => undefined);
    const done = work();
    this.#underWay.add(done);
    try {
      return await done;
    } finally {
      this.#underWay.delete(done);
      const next = this.#isClosed ? undefined : this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }

  /** Begins nothing more. Resolves when what was under way has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#underWay);
  }
}
