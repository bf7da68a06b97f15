import { Turns } from '../../turns.ts';
import { PostgresConnection } from './connection.ts';
import type { Target } from './target.ts';

export interface ConnectionsOptions {
  target: Target;
  maxConnections: number;
  idleMs: number;
  connectTimeoutMs: number;
}

/** A connection for as long as it is needed. */
export interface Lease {
  /** An idle one, or a new one. Throws as `PostgresConnection.open`. */
  connect(): Promise<PostgresConnection>;
}

/** Connections that are kept for the next statement, at most so many at a time. */
export class Connections implements AsyncDisposable {
  readonly #options: ConnectionsOptions;
  readonly #turns: Turns;
  /** Which closes each of those that nobody uses; the one used last stands last. */
  readonly #idle = new Map<PostgresConnection, NodeJS.Timeout>();
  #isClosed = false;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    this.#turns = new Turns(options.maxConnections);
  }

  /**
   * Waits for a turn, and calls back with what gives connections. The last of these is kept if it is open afterwards.
   *
   * @throws `signal.reason` when that is aborted while waiting or connecting
   */
  async use<T>(signal: AbortSignal, work: (lease: Lease) => Promise<T>): Promise<T> {
    using _turn = await this.#turns.take(signal);
    let connection: PostgresConnection | undefined;
    try {
      return await work({ connect: async () => (connection = await this.#connect(signal)) });
    } finally {
      if (connection) await this.#keep(connection);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const all = [...this.#idle.keys()];
    for (const connection of all) this.#take(connection);
    await Promise.all(all.map((connection) => connection.close()));
  }

  async #connect(signal: AbortSignal): Promise<PostgresConnection> {
    const idle = [...this.#idle.keys()].reverse();
    for (const connection of idle) {
      this.#take(connection);
      if (connection.isOpen) return connection;
    }
    const { target, connectTimeoutMs } = this.#options;
    const connection = await PostgresConnection.open({ target, timeoutMs: connectTimeoutMs, signal });
    connection.onEnd(() => this.#take(connection));
    return connection;
  }

  #take(connection: PostgresConnection): void {
    clearTimeout(this.#idle.get(connection));
    this.#idle.delete(connection);
  }

  async #keep(connection: PostgresConnection): Promise<void> {
    if (!connection.isOpen) return connection.destroy();
    if (this.#isClosed) return connection.close();
    const close = () => {
      this.#take(connection);
      void connection.close();
    };
    this.#idle.set(connection, setTimeout(close, this.#options.idleMs));
    connection.wasIdle = true;
  }
}
