/** What goes wrong. */
export type Fault =
  /** An HTTP answer without content; `message` travels in the header `x-thriftserver-error-message`. */
  | { kind: 'http'; status: number; message?: string; retryAfterSeconds?: number }
  /** The connection breaks before the answer, after the call has had its effect. */
  | { kind: 'reset' }
  /**
   * The connection breaks in the middle of the answer. When the answer is chunked, the driver notices at once;
   * otherwise only when its `socketTimeout` is over, because its HTTP client misses the end.
   */
  | { kind: 'cut'; chunked?: boolean }
  /** No answer ever comes; the call has no effect. */
  | { kind: 'hang' }
  /** The call has its effect at once; its answer goes out when the promise has resolved. */
  | { kind: 'hold'; until: Promise<unknown> }
  /** The session or operation is unknown to the server, as after a restart of the warehouse. */
  | { kind: 'invalid-handle' }
  /** The call answers with an error status. */
  | { kind: 'error'; message: string; sqlState?: string }
  /** ExecuteStatement only: the statement stays in state PENDING for so many polls before it begins. */
  | { kind: 'pending'; polls: number }
  /** So many of the rows that the answer counts are not in it. */
  | { kind: 'missing-rows'; rows: number }
  /** FetchResults only: so many rows are left out before those of the answer; only its `startRowOffset` tells. */
  | { kind: 'skipped-rows'; rows: number };

/** A fault and the calls that it hits. */
export interface PlannedFault {
  /** The call: a name of the protocol such as `FetchResults`, `oauth` (the token endpoint) or `download`. */
  on: string;
  how: Fault;
  /** How many calls it hits. Default: 1. */
  times?: number;
  /** How many such calls pass before. Default: 0. */
  after?: number;
}

/** The planned faults that have not hit a call yet. */
export class FaultPlan {
  readonly #planned: Required<PlannedFault>[] = [];

  add(fault: PlannedFault): void {
    this.#planned.push({ times: 1, after: 0, ...fault });
  }

  clear(): void {
    this.#planned.length = 0;
  }

  /** The fault for this call, which uses it up. */
  take(call: string): Fault | undefined {
    const index = this.#planned.findIndex((planned) => planned.on === call);
    const planned = this.#planned[index];
    if (!planned) return undefined;
    if (planned.after > 0) {
      planned.after--;
      return undefined;
    }
    if (--planned.times <= 0) this.#planned.splice(index, 1);
    return planned.how;
  }
}
