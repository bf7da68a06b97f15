/** Does one thing after the other, in the order in which it was asked to. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    // What goes wrong is for whoever asked, not for the next.
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
