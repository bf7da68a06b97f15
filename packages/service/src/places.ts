/** Lets a few in at a time; the others wait, first come, first served. */
export class Places {
  #free: number;
  #waiting: (() => void)[] = [];
  #lastTakenAt = 0;

  constructor(count: number) {
    this.#free = count;
  }

  get free(): number {
    return this.#free;
  }

  /** How long no place was free; 0 when one is. */
  get takenForMs(): number {
    return this.#free > 0 ? 0 : performance.now() - this.#lastTakenAt;
  }

  /**
   * Resolves with a place. Disposing it gives it to the next.
   *
   * @param signal default: it waits for ever.
   * @throws `signal.reason` when that is aborted first.
   */
  async take(signal?: AbortSignal): Promise<Disposable> {
    signal?.throwIfAborted();
    if (this.#free > 0) this.#free -= 1;
    else await this.#turn(signal);
    this.#lastTakenAt = performance.now();
    return { [Symbol.dispose]: () => this.#giveBack() };
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push(resolve);
      const leave = () => {
        this.#waiting = this.#waiting.filter((other) => other !== resolve);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  #giveBack(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free += 1;
  }
}
