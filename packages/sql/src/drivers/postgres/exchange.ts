import type { Connection, DatabaseError, FieldDef, Submittable } from 'pg';

/** The frontend messages that `pg` sends, some of which its types do not know well. */
export interface Wire {
  parse(message: { name?: string; text: string; types?: readonly number[] }): void;
  bind(message: { portal?: string; statement?: string; values?: readonly (string | null)[] }): void;
  describe(message: { type: 'S'; name: string }): void;
  execute(message: { portal?: string; rows?: number }): void;
  flush(): void;
  sync(): void;
  sendCopyFail(message: string): void;
}

export interface ExchangeOptions {
  /** Sends everything, ending in one `sync`. */
  send: (wire: Wire) => void;
  /** Takes each row as it comes: the texts of its values, and their size in bytes. Default: rows are dropped. */
  onRow?: (texts: (string | null)[], bytes: number) => void;
  /** Called when the first part has been carried out. */
  onProgress?: () => void;
}

/** What came back besides rows. */
export interface Answer {
  /** Undefined where no rows are returned, as by INSERT. */
  readonly fields: readonly FieldDef[] | undefined;
  /** The tag of the last command, such as `SELECT 5`; undefined if it did not run to its end. */
  readonly tag: string | undefined;
  /** Whether there may be more rows than were asked for. */
  readonly isSuspended: boolean;
}

/**
 * Some messages to the server, up to a `sync`, and the answers to them: one round trip.
 *
 * Not pg's own `Query` or `pg-cursor`: they can neither begin a transaction and parse a statement in one round trip, nor
 * read a whole result under back pressure, and `COPY` through pg-cursor ends the process.
 * `pg` calls the `handle…` methods.
 */
export class Exchange implements Submittable {
  readonly done: Promise<Answer>;
  readonly #options: ExchangeOptions;
  readonly #done = Promise.withResolvers<Answer>();
  #fields: readonly FieldDef[] | undefined;
  #tag: string | undefined;
  #isSuspended = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.done = this.#done.promise;
    // The sender awaits `done`, but perhaps not at once.
    this.done.catch(() => undefined);
  }

  submit = (connection: Connection): void => {
    const { stream } = connection;
    // One packet, as far as it goes.
    stream.cork();
    this.#options.send(connection as unknown as Wire);
    stream.uncork();
  };

  handleRowDescription({ fields }: { fields: FieldDef[] }): void {
    this.#fields = fields;
  }

  handleDataRow({ fields, length }: { fields: (string | null)[]; length: number }): void {
    this.#options.onRow?.(fields, length);
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.#tag = text;
    this.#options.onProgress?.();
  }

  handlePortalSuspended(): void {
    this.#isSuspended = true;
  }

  handleEmptyQuery(): void {}

  handleCopyInResponse(connection: Connection): void {
    (connection as unknown as Wire).sendCopyFail('there is nothing to copy from');
  }

  handleCopyData(): void {}

  handleError(error: DatabaseError | Error): void {
    this.#done.reject(error);
  }

  handleReadyForQuery(): void {
    this.#done.resolve({ fields: this.#fields, tag: this.#tag, isSuspended: this.#isSuspended });
  }
}
