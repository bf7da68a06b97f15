/** One call of a client. */
export interface LoggedRequest {
  /** The call's name in the protocol, or `oauth` or `download`. */
  name: string;
  /** When it came, in milliseconds since 1970. */
  at: number;
  /** Ids as the driver shows them. */
  session?: string;
  operation?: string;
  /** ExecuteStatement: the text. */
  statement?: string;
  /** ExecuteStatement: parameters in the order sent; a NULL has neither type nor value. */
  parameters?: readonly { name?: string; type?: string; value?: string }[];
  /** OpenSession: the settings asked for. */
  configuration?: Record<string, string>;
  /** FetchResults: the most rows asked for. */
  maxRows?: number;
  /** The answer's HTTP status when it was not 200, which means that the call had no effect. */
  refused?: number;
}

/** All calls in the order they came, and promises for those to come. */
export class RequestLog {
  readonly all: LoggedRequest[] = [];
  readonly #waiting = new Set<() => void>();

  add(request: LoggedRequest): void {
    this.all.push(request);
    for (const check of this.#waiting) check();
  }

  /** Resolves with the nth call of that name (1 is the first), which may have come already. */
  nth(name: string, nth: number): Promise<LoggedRequest> {
    return new Promise((resolve) => {
      const check = () => {
        const found = this.all.filter((request) => request.name === name)[nth - 1];
        if (!found) return;
        this.#waiting.delete(check);
        resolve(found);
      };
      this.#waiting.add(check);
      check();
    });
  }
}
