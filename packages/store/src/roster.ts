/**
 * What is under way, for the few times when all of it is looked at.
 *
 * A Set that lives long costs more: it leaves old tables behind, each of which keeps the next one and all that was in it,
 * so that what a task allocates does not die young.
 */
export class Roster<T extends { place: number }> {
  readonly #all: T[] = [];

  get size(): number {
    return this.#all.length;
  }

  enter(entry: T): void {
    entry.place = this.#all.push(entry) - 1;
  }

  leave(entry: T): void {
    const last = this.#all.pop();
    if (last === undefined || last === entry) return;
    this.#all[entry.place] = last;
    last.place = entry.place;
  }

  [Symbol.iterator](): Iterator<T> {
    return [...this.#all].values();
  }
}
