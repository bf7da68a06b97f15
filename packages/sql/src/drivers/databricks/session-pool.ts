import { abortable } from '../../abortable.ts';

export interface SessionPoolOptions<S> {
  maxSessions: number;
  idleMs: number;
  /** @param kind is what sessions may differ in; one is only used for statements of its own kind. */
  open: (kind: string, signal: AbortSignal) => Promise<S>;
  /** Never rejects. */
  close: (session: S) => Promise<void>;
}

export interface PooledSession<S> {
  readonly session: S;
  readonly kind: string;
  /** Whether a statement has run in it before: the server may have forgotten it since. */
  isReused: boolean;
}

/** Sessions that are kept for the next statements. Each has at most one at a time. */
export class SessionPool<S> {
  readonly #options: SessionPoolOptions<S>;
  /** The one used last at the end. */
  readonly #idle: { pooled: PooledSession<S>; timer: NodeJS.Timeout }[] = [];
  /** In the order in which they came. Called when there may be a session. */
  readonly #waiting: (() => void)[] = [];
  /** What opens or closes, and nobody waits for. */
  readonly #underWay = new Set<Promise<void>>();
  #count = 0;
  #isClosed = false;

  constructor(options: SessionPoolOptions<S>) {
    this.#options = options;
  }

  /** A session for one statement, to be given back by `release`. Waits while all are in use, until the signal is aborted. */
  async take(kind: string, signal: AbortSignal): Promise<PooledSession<S>> {
    for (;;) {
      signal.throwIfAborted();
      const index = this.#idle.findLastIndex(({ pooled }) => pooled.kind === kind);
      if (index !== -1) return this.#takeIdle(index);
      if (this.#count >= this.#options.maxSessions && this.#idle.length > 0) {
        // Idle, but of another kind.
        this.#discard(this.#takeIdle(0));
      }
      if (this.#count < this.#options.maxSessions) return this.#open(kind, signal);
      await this.#turn(signal);
    }
  }

  /** A session of any kind without waiting for one: beyond `maxSessions` when all are in use. */
  async takeAny(kind: string, signal: AbortSignal): Promise<PooledSession<S>> {
    signal.throwIfAborted();
    return this.#idle.length > 0 ? this.#takeIdle(this.#idle.length - 1) : this.#open(kind, signal);
  }

  /** Gives a session back: for the next statement, or to be closed if it is not to be trusted any more. */
  release(pooled: PooledSession<S>, { isUsable }: { isUsable: boolean }): void {
    if (isUsable && this.#count <= this.#options.maxSessions) this.#keep(pooled);
    else this.#discard(pooled);
  }

  /** Closes all sessions: the idle ones now, the others when they are released, or have opened. Resolves after the last. */
  async close(): Promise<void> {
    this.#isClosed = true;
    while (this.#idle.length > 0) this.#discard(this.#takeIdle(0));
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async #open(kind: string, signal: AbortSignal): Promise<PooledSession<S>> {
    this.#count += 1;
    const opening = this.#options.open(kind, signal).then((session) => ({ session, kind, isReused: false }));
    try {
      return await abortable(opening, signal);
    } catch (thrown) {
      // What was asked for may still come; then it is there for others.
      const late = opening.then(
        (pooled) => this.#keep(pooled),
        () => this.#leave(),
      );
      this.#follow(late);
      throw thrown;
    }
  }

  #keep(pooled: PooledSession<S>): void {
    if (this.#isClosed) {
      this.#discard(pooled);
      return;
    }
    pooled.isReused = true;
    const timer = setTimeout(() => {
      const index = this.#idle.findIndex((idle) => idle.pooled === pooled);
      if (index !== -1) this.#discard(this.#takeIdle(index));
    }, this.#options.idleMs);
    timer.unref();
    this.#idle.push({ pooled, timer });
    this.#waiting.shift()?.();
  }

  #takeIdle(index: number): PooledSession<S> {
    const [taken] = this.#idle.splice(index, 1);
    if (!taken) throw new RangeError(`No idle session ${index}`);
    clearTimeout(taken.timer);
    return taken.pooled;
  }

  #discard({ session }: PooledSession<S>): void {
    this.#follow(this.#options.close(session));
    this.#leave();
  }

  #follow(work: Promise<void>): void {
    const ended = work.finally(() => this.#underWay.delete(ended));
    this.#underWay.add(ended);
  }

  #leave(): void {
    this.#count -= 1;
    this.#waiting.shift()?.();
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    try {
      await abortable(promise, signal);
    } catch (thrown) {
      const index = this.#waiting.indexOf(resolve);
      // Its turn may have come just before: then that is the next one's.
      if (index === -1) this.#waiting.shift()?.();
      else this.#waiting.splice(index, 1);
      throw thrown;
    }
  }
}
