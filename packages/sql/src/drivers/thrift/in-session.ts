import type { SqlStatement } from '../../driver.ts';
import type { Pool } from '../../pool.ts';
import { SqlConnectionError, SqlError } from '../../sql-error.ts';
import type { BoundStatement } from './dialect.ts';
import { Operation } from './operation.ts';
import { ExpiredSessionError, UnstoppedError } from './operation-status.ts';
import type { ThriftOptions } from './options.ts';
import type { TSessionHandle } from './protocol.ts';
import type { Session } from './session.ts';
import type { SessionOpener } from './session-opener.ts';
import { timeoutClass } from './timeout-class.ts';
import type { Transport } from './transport.ts';

/** What all statements of a driver share. */
export interface Warehouse {
  readonly options: ThriftOptions;
  readonly transport: Transport;
  readonly sessions: Pool<Session>;
  /** For background work that closing the driver waits for. */
  readonly inBackground: (work: Promise<unknown>) => void;
  readonly opener: SessionOpener;
}

export interface InSessionOptions<T> {
  warehouse: Warehouse;
  statement: SqlStatement;
  /** What is sent. */
  bound: BoundStatement;
  /** Most rows to ask for. */
  rowLimit: number;
  /** Whether the server stops at that many rows; only for queries. */
  limitOnServer: boolean;
  /** Whether the session is as it was before, so that it may be used again. */
  leavesNoTrace: boolean;
  /** After an error, whether the statement may be sent once more. Default: never. */
  mayRepeat?: () => boolean;
  /** Do not wait for a session: take an idle one, or a new one beyond `maxSessions`. Default: false. */
  atOnce?: boolean;
  use: (operation: Operation, deadline: number) => Promise<T>;
}

/**
 * Begins a statement in a session and ends it, whatever `use` does. Sessions that the server no longer knows are replaced.
 *
 * A session is used again if the statement leaves no trace in it, and has ended well, was surely stopped, or failed with a
 * SQLSTATE: servers say in many words that they have lost a session. Closing ends all that may still run in it.
 */
export function inSession<T>(options: InSessionOptions<T>): Promise<T> {
  const { warehouse, statement, leavesNoTrace, mayRepeat = () => false, atOnce = false } = options;
  const { signal, timeoutMs } = statement;
  const timeoutS = timeoutClass(timeoutMs);
  const deadline = performance.now() + timeoutMs;
  const open = () => warehouse.opener.open({ timeoutS, signal });
  let isRepeated = false;
  const suits = (session: Session) => !isRepeated && (atOnce || session.timeoutS === timeoutS);
  return warehouse.sessions.use({ open, suits, atOnce, signal }, async (next) => {
    for (;;) {
      const session = await next();
      try {
        const value = await beginAndUse(session.handle, deadline, options);
        session.isOpen = leavesNoTrace;
        return value;
      } catch (thrown) {
        const isOfEngine = thrown instanceof SqlError && thrown.engineCode !== undefined;
        const isStopped = signal.aborted && !(thrown instanceof UnstoppedError);
        session.isOpen = leavesNoTrace && (isOfEngine || isStopped);
        if (thrown instanceof UnstoppedError) {
          session.lingers = true;
          throw thrown.cause;
        }
        const isLost = thrown instanceof ExpiredSessionError;
        if (isLost && !session.wasIdle) throw forgottenAtOnce();
        if (isLost) continue;
        if (isRepeated || !session.wasIdle || isOfEngine || signal.aborted || !mayRepeat()) throw thrown;
        isRepeated = true;
      }
    }
  });
}

async function beginAndUse<T>(
  sessionHandle: TSessionHandle,
  deadline: number,
  { warehouse, statement, bound, rowLimit, limitOnServer, use }: InSessionOptions<T>,
): Promise<T> {
  const { transport, inBackground } = warehouse;
  const { dialect } = warehouse.options;
  const { signal, timeoutMs } = statement;
  const limits = { rowLimit, limitOnServer, timeoutMs, deadline };
  const operation = await Operation.begin({ dialect, transport, sessionHandle, statement: bound, signal, ...limits });
  try {
    const value = await use(operation, deadline);
    inBackground(operation.close());
    return value;
  } catch (thrown) {
    if (!(await operation.stop())) throw new UnstoppedError('', { cause: thrown });
    throw thrown;
  }
}

function forgottenAtOnce(): SqlConnectionError {
  const message = 'The server loses sessions as soon as they are opened: is it restarting?';
  return new SqlConnectionError({ fault: 'unavailable', message });
}
