import type { Notification } from './notification.ts';
import type { Position } from './results-stream.ts';

/** One task that a receiver is to be told of. */
export interface Delivery {
  notification: Notification;
  /** The place before it in the stream. */
  before: Position;
  failures: number;
}

const MAX_OPEN = 100;
/** Results may be of megabytes. In characters. */
const MAX_OPEN_LENGTH = 32 * 1024 * 1024;

/** What was read from the results stream and is neither told nor given up yet. */
export class Backlog {
  /** In the order of the stream. */
  readonly #open = new Set<Delivery>();
  #length = 0;
  #read: Position;

  /** @param position all before it is told, or given up. */
  constructor(position: Position) {
    this.#read = position;
  }

  /** The place behind all that was read. */
  get read(): Position {
    return this.#read;
  }

  /** All before this place has been told, or given up. */
  get position(): Position {
    const [oldest] = this.#open;
    return oldest?.before ?? this.#read;
  }

  /** A receiver that is slow, or away, must neither fill the memory nor be left behind. */
  get hasRoom(): boolean {
    return this.#open.size < MAX_OPEN && this.#length < MAX_OPEN_LENGTH;
  }

  /** @param position the place behind what is to be told. */
  add(notification: Notification, position: Position): Delivery {
    const delivery = { notification, before: this.#read, failures: 0 };
    this.#open.add(delivery);
    this.#length += notification.message.length;
    this.#read = position;
    return delivery;
  }

  /** Of an entry that the receiver is not to be told of. */
  passOver(position: Position): void {
    this.#read = position;
  }

  /** Goes on counting behind so many entries that are gone. */
  skip(entries: number): void {
    this.#read = { id: this.#read.id, index: this.#read.index + entries };
  }

  remove(delivery: Delivery): void {
    if (this.#open.delete(delivery)) this.#length -= delivery.notification.message.length;
  }
}
