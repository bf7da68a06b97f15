/** Background work, awaited only in the end. */
export class Pending {
  readonly #work = new Set<Promise<unknown>>();

  /** Its user handles its failure. */
  add(work: Promise<unknown>): void {
    const forget = () => this.#work.delete(work);
    this.#work.add(work);
    work.then(forget, forget);
  }

  /** Resolves when all is done, also what was added meanwhile. Never rejects. */
  async ended(): Promise<void> {
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
  }
}
