import { askInSession } from './ask-in-session.ts';
import type { Namespace } from './dialect.ts';
import type { ThriftOptions } from './options.ts';
import type { TSessionHandle } from './protocol.ts';
import { openSession, type Session, sessionOf } from './session.ts';
import { expectSettings } from './settings-check.ts';
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
  /** In place of that of the connection. */
  namespace: Namespace;
  signal: AbortSignal;
  /** No try begins after this moment (`performance.now()`). */
  deadline: number;
  /** Whether it tries until then: for a statement that was begun. Default: it says soon what is wrong. */
  persists?: boolean;
}

/** Opens sessions that have the settings which we ask for. That is checked once, in a session of its own. */
export class SessionOpener {
  readonly #options: SessionOpenerOptions;
  #isChecked = false;

  constructor(options: SessionOpenerOptions) {
    this.#options = options;
  }

  /** @throws {SqlConnectionError} */
  async open(open: OpenOptions): Promise<Session> {
    // Several may check at once: none waits for another's time limit.
    if (!this.#isChecked) await this.#check(open);
    this.#isChecked = true;
    return openSession({ ...this.#options, ...open });
  }

  /** The session of a statement that another process has begun. */
  takeUp(handle: TSessionHandle, timeoutS: number): Session {
    return sessionOf(handle, { ...this.#options, timeoutS, namespace: undefined });
  }

  async #check(open: OpenOptions): Promise<void> {
    const { options, transport, inBackground } = this.#options;
    const settings = options.dialect.settings?.(options);
    if (settings === undefined) return;
    const session = await openSession({ ...this.#options, ...open });
    try {
      const { handle: sessionHandle } = session;
      const asked = { dialect: options.dialect, transport, sessionHandle, ...open, timeoutMs: open.timeoutS * 1000 };
      await expectSettings(settings, (text) => askInSession(text, asked));
    } finally {
      inBackground(session.close());
    }
  }
}
