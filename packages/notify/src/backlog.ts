import type { Notification } from './notification.ts';
import type { Position } from './results-stream.ts';

/** A task of which a receiver is to be told. */
export interface Delivery {
  notification: Notification;
  /** Its entry in the stream. */
  entry: string;
  failures: number;
}

const MAX_OPEN = 100;
/** In characters: results may be megabytes. */
const MAX_OPEN_LENGTH = 32 * 1024 * 1024;

/** The most entries remembered that were told before an older one; the next start tells more of them again. */
const MAX_TOLD = 1000;

/** How far a receiver has been told. */
export interface Progress {
  /** All before this place has been told, or given up. */
  position: Position;
  /** And so have these entries behind it. */
  told: readonly string[];
}

/** What was read from the results stream and is neither told nor given up yet. */
export class Backlog {
  readonly #open = new Set<Delivery>();
  /** Entries read from the oldest open one on, in stream order: the position before each, by its id. */
  readonly #entries = new Map<string, { before: Position; isDone: boolean }>();
  /** Told by an earlier process. */
  readonly #told: Set<string>;
  #length = 0;
  #read: Position;

  constructor({ position, told }: Progress) {
    this.#read = position;
    this.#told = new Set(told);
  }

  /** The place behind all that was read. */
  get read(): Position {
    return this.#read;
  }

  get progress(): Progress {
    const [oldest] = this.#entries.values();
    const done = [...this.#entries].filter(([, { isDone }]) => isDone).map(([id]) => id);
    return { position: oldest?.before ?? this.#read, told: done.slice(0, MAX_TOLD) };
  }

  /** A slow or absent receiver must neither fill the memory nor be left behind. */
  get hasRoom(): boolean {
    return this.#open.size < MAX_OPEN && this.#length < MAX_OPEN_LENGTH;
  }

  /** Whether an earlier process has told of the entry that ends at this place. */
  wasTold({ id }: Position): boolean {
    return this.#told.has(id);
  }

  /** @param position the place behind what is to be told. */
  add(notification: Notification, position: Position): Delivery {
    const delivery = { notification, entry: position.id, failures: 0 };
    this.#open.add(delivery);
    this.#length += notification.message.length;
    this.#entries.set(position.id, { before: this.#read, isDone: false });
    this.#read = position;
    return delivery;
  }

  /** For an entry that the receiver is not to be told of. */
  passOver(position: Position): void {
    if (this.#entries.size > 0) this.#entries.set(position.id, { before: this.#read, isDone: true });
    this.#read = position;
  }

  /** Continues counting after this many entries that are gone. */
  skip(entries: number): void {
    this.#read = { id: this.#read.id, index: this.#read.index + entries };
  }

  remove(delivery: Delivery): void {
    if (!this.#open.delete(delivery)) return;
    this.#length -= delivery.notification.message.length;
    const entry = this.#entries.get(delivery.entry);
    if (entry) entry.isDone = true;
    for (const [id, { isDone }] of this.#entries) {
      if (!isDone) break;
      this.#entries.delete(id);
    }
  }
}
