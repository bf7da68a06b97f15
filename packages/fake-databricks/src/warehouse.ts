import type { DuckDBInstance } from '@duckdb/node-api';
import { Operation } from './operation.ts';
import type { ResultFormat } from './result-format.ts';
import { Session } from './session.ts';

/** An operation and what the protocol keeps about it. */
export interface Held {
  operation: Operation;
  format: ResultFormat;
  /** Call it at every poll, for a statement that waits for some. */
  polled: () => void;
}

/** The sessions and operations of an endpoint. */
export class Warehouse {
  readonly sessions = new Map<string, Session>();
  /** Those that a client may still ask about, by id. */
  readonly operations = new Map<string, Held>();
  /** Ids of operations that CancelOperation named while they ran. */
  readonly cancelled: string[] = [];
  readonly #engine: DuckDBInstance;
  readonly #namespace: { catalog: string; schema: string };
  readonly #unsettled = new Set<Operation>();
  readonly #watchers = new Set<() => void>();

  /** @param namespace of a session that names none. */
  constructor(engine: DuckDBInstance, namespace: { catalog: string; schema: string }) {
    this.#engine = engine;
    this.#namespace = namespace;
  }

  /** The operations whose statement has not ended in the engine. */
  get running(): readonly Operation[] {
    return [...this.#unsettled];
  }

  /** Resolves when `condition` holds; it is looked at whenever an operation changes. */
  when(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!condition()) return;
        this.#watchers.delete(check);
        resolve();
      };
      this.#watchers.add(check);
      check();
    });
  }

  /** @throws {SqlError} when there is no such catalog or schema. */
  async openSession(
    namespace: { catalog: string | undefined; schema: string | undefined },
    configuration: Record<string, string>,
  ): Promise<Session> {
    const { catalog, schema } = this.#namespace;
    const where = { catalog: namespace.catalog || catalog, schema: namespace.schema || schema };
    const session = await Session.open(this.#engine, where, configuration);
    this.sessions.set(session.id, session);
    return session;
  }

  /** Starts a statement that waits for so many polls before it begins. */
  start(
    options: Omit<ConstructorParameters<typeof Operation>[0], 'before' | 'onState'>,
    format: ResultFormat,
    polls: number,
  ): Held {
    const { promise, resolve } = Promise.withResolvers<void>();
    let left = polls;
    if (left === 0) resolve();
    const polled = () => {
      if (left-- <= 0) resolve();
    };
    const operation = new Operation({ ...options, before: promise, onState: () => this.#changed() });
    const held = { operation, format, polled };
    this.operations.set(operation.id, held);
    this.#unsettled.add(operation);
    void operation.ended.then(() => {
      this.#unsettled.delete(operation);
      this.#changed();
    });
    this.#changed();
    return held;
  }

  cancel(operation: Operation): void {
    if (operation.isRunning) this.cancelled.push(operation.id);
    operation.stop('CANCELED');
  }

  endOperation(operation: Operation): void {
    operation.stop('CLOSED');
    this.operations.delete(operation.id);
    this.#changed();
  }

  /** Closes a session with all its operations; does nothing when there is no such session. */
  endSession(id: string): void {
    for (const { operation } of [...this.operations.values()]) {
      if (operation.session.id === id) this.endOperation(operation);
    }
    this.sessions.get(id)?.close();
    this.sessions.delete(id);
    this.#changed();
  }

  /** Forgets all sessions, as a restart does. Statements under way are stopped. */
  expireSessions(): void {
    for (const id of [...this.sessions.keys()]) this.endSession(id);
  }

  #changed(): void {
    for (const check of this.#watchers) check();
  }
}
