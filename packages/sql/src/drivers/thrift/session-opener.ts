import type { SqlRow } from '../../driver.ts';
import { Operation } from './operation.ts';
import type { ThriftOptions } from './options.ts';
import type { TSessionHandle } from './protocol.ts';
import { openSession, type Session, sessionOf } from './session.ts';
import { expectSettings } from './settings-check.ts';
import { smallResult } from './small-result.ts';
import type { Transport } from './transport.ts';

export interface SessionOpenerOptions {
  options: ThriftOptions;
  transport: Transport;
  /** For background work that closing the driver waits for. */
  inBackground: (work: Promise<unknown>) => void;
  /** Aborted when the driver closes. */
  closing: AbortSignal;
}

export interface OpenOptions {
  /** After this many seconds the server gives up a statement. */
  timeoutS: number;
  signal: AbortSignal;
}

/** Opens sessions that have the settings which we ask for. That is checked once, in a session of its own. */
export class SessionOpener {
  readonly #options: SessionOpenerOptions;
  #checked: Promise<void> | undefined;

  constructor(options: SessionOpenerOptions) {
    this.#options = options;
  }

  /** @throws {SqlConnectionError} */
  async open(open: OpenOptions): Promise<Session> {
    this.#checked ??= this.#check(open).catch((thrown) => {
      this.#checked = undefined;
      throw thrown;
    });
    await this.#checked;
    return openSession({ ...this.#options, ...open });
  }

  /** The session of a statement that another process has begun. */
  takeUp(handle: TSessionHandle, timeoutS: number): Session {
    return sessionOf(handle, { ...this.#options, timeoutS });
  }

  async #check(open: OpenOptions): Promise<void> {
    const { options, inBackground } = this.#options;
    const settings = options.dialect.settings?.(options);
    if (settings === undefined) return;
    const session = await openSession({ ...this.#options, ...open });
    try {
      await expectSettings(settings, (text) => this.#ask(session, text, open));
    } finally {
      inBackground(session.close());
    }
  }

  async #ask({ handle }: Session, text: string, { timeoutS, signal }: OpenOptions): Promise<SqlRow[]> {
    const { options, transport } = this.#options;
    const timeoutMs = timeoutS * 1000;
    const statement = { query: text, text, positionInQuery: (at: number) => at, asSent: () => text, parameters: [] };
    const operation = await Operation.begin({
      ...{ dialect: options.dialect, transport, sessionHandle: handle, statement, signal, timeoutMs },
      ...{ rowLimit: Number.MAX_SAFE_INTEGER, limitOnServer: false, deadline: performance.now() + timeoutMs },
    });
    return smallResult(operation);
  }
}
