import { abortable } from './abortable.ts';
import { Pending } from './pending.ts';
import { Turns } from './turns.ts';

/** What a pool keeps: a connection to a server, or a session in it. */
export interface Pooled {
  /** False when it must not be used any more. */
  readonly isOpen: boolean;
  /** Whether it has been idle, so that the server may have ended it unnoticed. Set by the pool. */
  wasIdle: boolean;
  /** Frees it, in the server too. Never rejects. */
  close(): Promise<void>;
}

export interface PoolOptions {
  /** Most members, and most uses, at a time; more uses wait. */
  max: number;
  /** A member idle for this long is closed. */
  idleMs: number;
}

export interface UseOptions<R> {
  /** Makes a new one. If it succeeds in spite of an abort, it is kept for others. */
  open: () => Promise<R>;
  /** Whether an idle one is suitable. Default: any. */
  suits?: (idle: R) => boolean;
  /** Do not wait for a turn: go beyond `max` if all are taken. Default: false. */
  atOnce?: boolean;
  signal: AbortSignal;
}

/** Connections or sessions that are kept for the next statements. Each has one use at a time. */
export class Pool<R extends Pooled> implements AsyncDisposable {
  readonly #options: PoolOptions;
  readonly #turns: Turns;
  /** With what closes each in time; the one used last at the end. */
  readonly #idle = new Map<R, NodeJS.Timeout>();
  readonly #pending = new Pending();
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#turns = new Turns(options.max);
  }

  /**
   * Waits for a turn, and calls `work` with `next`, which returns an idle or a new one. If that cannot be used, `next` closes
   * it and returns another. The last one is kept, if it is open afterwards.
   *
   * @throws what `work` throws; `signal.reason` when that is aborted while waiting; so does `next`, or as `open`
   */
  async use<T>(options: UseOptions<R>, work: (next: () => Promise<R>) => Promise<T>): Promise<T> {
    const { open, suits = () => true, atOnce = false, signal } = options;
    const turn = atOnce ? this.#turns.takeAtOnce() : await this.#turns.take(signal);
    let current: R | undefined;
    let opening: Promise<R> | undefined;
    const next = async () => {
      signal.throwIfAborted();
      if (current) this.#close(current);
      current = this.#takeIdle(suits);
      if (current) return current;
      this.#makeRoom();
      opening = open();
      current = await abortable(opening, signal);
      return current;
    };
    try {
      return await work(next);
    } finally {
      // All in use, this one too, are counted by their turns.
      if (current) this.#keepOrClose(current, this.#turns.free + 1);
      // A server that does not answer must not take the place of others.
      else if (opening) this.#pending.add(this.#late(opening));
      turn[Symbol.dispose]();
    }
  }

  /** Closes idle members, and waits for that and for those still opening. Members in use close when their use ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const idle of this.#idle.keys()) this.#close(idle);
    await this.#pending.ended();
  }

  #takeIdle(suits: (idle: R) => boolean): R | undefined {
    for (const idle of this.#idle.keys()) if (!idle.isOpen) this.#close(idle);
    const taken = [...this.#idle.keys()].findLast(suits);
    if (taken) this.#forget(taken);
    return taken;
  }

  /** Closes an idle one if needed: a user with a turn is about to open another. */
  #makeRoom(): void {
    const [oldest] = this.#idle.keys();
    if (oldest && this.#idle.size > this.#turns.free) this.#close(oldest);
  }

  /** Takes in what nobody waits for any more. */
  async #late(opening: Promise<R>): Promise<void> {
    const opened = await opening.catch(() => undefined);
    if (opened) this.#keepOrClose(opened, this.#turns.free);
  }

  /** @param room how many may be idle */
  #keepOrClose(used: R, room: number): void {
    if (used.isOpen && !this.#isClosed && this.#idle.size < room) this.#keep(used);
    else this.#close(used);
  }

  #keep(unused: R): void {
    unused.wasIdle = true;
    this.#idle.set(unused, setTimeout(() => this.#close(unused), this.#options.idleMs).unref());
  }

  #close(pooled: R): void {
    this.#forget(pooled);
    this.#pending.add(pooled.close());
  }

  #forget(idle: R): void {
    clearTimeout(this.#idle.get(idle));
    this.#idle.delete(idle);
  }
}
