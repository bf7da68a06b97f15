import type { SqlConnectionError } from '@taskwire/sql';

const MOST_TOLD = 5;

/** The connections that the queries of this process could not use when they last tried. */
export class UnusableConnections {
  readonly #faults = new Map<string, { since: number; failures: number; message: string }>();

  /** @param error undefined: it can be used. */
  note(connection: string, error?: SqlConnectionError): void {
    const { since = performance.now(), failures = 0 } = this.#faults.get(connection) ?? {};
    if (error) this.#faults.set(connection, { message: error.message, failures: failures + 1, since });
    else this.#faults.delete(connection);
  }

  get told() {
    const now = performance.now();
    return [...this.#faults]
      .slice(-MOST_TOLD)
      .map(([connection, { since, ...fault }]) => ({ connection, for_ms: Math.round(now - since), ...fault }));
  }
}
