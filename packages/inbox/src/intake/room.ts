export interface RoomOptions {
  maxFiles: number;
  maxBytes: number;
}

/** A file's share of the room; disposing of it gives it up, entered or not. */
export interface Place extends Disposable {
  /** Resolves when there is room for so many bytes, in the order of the calls. Call it once. */
  enter: (bytes: number) => Promise<void>;
}

/** Bounds what is held of files on their way to their queues. A file larger than all of it enters alone. */
export class Room {
  readonly #options: RoomOptions;
  readonly #waiting: { bytes: number; enter: () => void }[] = [];
  #files = 0;
  #bytes = 0;

  constructor(options: RoomOptions) {
    this.#options = options;
  }

  place(): Place {
    let held: number | undefined;
    return {
      enter: async (bytes) => {
        await this.#enter(bytes);
        held = bytes;
      },
      [Symbol.dispose]: () => {
        if (held !== undefined) this.#leave(held);
      },
    };
  }

  async #enter(bytes: number): Promise<void> {
    if (this.#waiting.length === 0 && this.#fits(bytes)) this.#add(bytes);
    else await new Promise<void>((enter) => this.#waiting.push({ bytes, enter }));
  }

  #leave(bytes: number): void {
    this.#files -= 1;
    this.#bytes -= bytes;
    for (let next = this.#waiting[0]; next && this.#fits(next.bytes); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#add(next.bytes);
      next.enter();
    }
  }

  #fits(bytes: number): boolean {
    const { maxFiles, maxBytes } = this.#options;
    return this.#files === 0 || (this.#files < maxFiles && this.#bytes + bytes <= maxBytes);
  }

  #add(bytes: number): void {
    this.#files += 1;
    this.#bytes += bytes;
  }
}
