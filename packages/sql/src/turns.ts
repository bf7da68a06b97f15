import { abortable } from './abortable.ts';

/** Lets a number of users in at a time; the others wait, first come, first served. */
export class Turns {
  #free: number;
  readonly #waiting = new Set<PromiseWithResolvers<Disposable>>();

  constructor(count: number) {
    this.#free = count;
  }

  /** How many may still come in; below zero if some came in without waiting. */
  get free(): number {
    return this.#free;
  }

  /** Resolves when it is our turn, with a function that ends it. @throws `signal.reason` when that is aborted first */
  async take(signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    if (this.#free > 0) return this.takeAtOnce();
    const turn = Promise.withResolvers<Disposable>();
    this.#waiting.add(turn);
    try {
      return await abortable(turn.promise, signal);
    } catch (thrown) {
      // The turn may come right after the abort: then the next one gets it.
      if (!this.#waiting.delete(turn)) (await turn.promise)[Symbol.dispose]();
      throw thrown;
    }
  }

  /** A turn without waiting, beyond the limit if all are taken. */
  takeAtOnce(): Disposable {
    this.#free -= 1;
    let isOver = false;
    return {
      [Symbol.dispose]: () => {
        if (!isOver) this.#end();
        isOver = true;
      },
    };
  }

  #end(): void {
    this.#free += 1;
    const [next] = this.#waiting;
    if (!next || this.#free <= 0) return;
    this.#waiting.delete(next);
    next.resolve(this.takeAtOnce());
  }
}
