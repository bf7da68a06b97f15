/** Work that goes on while nobody waits for it, but is waited for in the end. */
export class Pending {
  readonly #work = new Set<Promise<unknown>>();

  /** Whether it fails is the matter of whoever uses it. */
  add(work: Promise<unknown>): void {
    const forget = () => this.#work.delete(work);
    this.#work.add(work);
    work.then(forget, forget);
  }

  /** Resolves when nothing is left, nor anything that was added meanwhile. Never rejects. */
  async ended(): Promise<void> {
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
  }
}
