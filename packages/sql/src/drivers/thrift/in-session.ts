import type { SqlStatement } from '../../driver.ts';
import type { Pool } from '../../pool.ts';
import { SqlConnectionError } from '../../sql-error.ts';
import type { BoundStatement } from './dialect.ts';
import { Operation } from './operation.ts';
import { ExpiredSessionError, UnstoppedError } from './operation-status.ts';
import type { ThriftOptions } from './options.ts';
import type { TSessionHandle } from './protocol.ts';
import { openSession, type Session } from './session.ts';
import { timeoutClass } from './timeout-class.ts';
import type { Transport } from './transport.ts';

/** What all statements of a driver share. */
export interface Warehouse {
  readonly options: ThriftOptions;
  readonly transport: Transport;
  readonly sessions: Pool<Session>;
  /** For background work that closing the driver waits for. */
  readonly inBackground: (work: Promise<unknown>) => void;
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
  /** Do not wait for a session: take an idle one, or a new one beyond `maxSessions`. Default: false. */
  atOnce?: boolean;
  use: (operation: Operation, deadline: number) => Promise<T>;
}

/**
 * Begins a statement in a session and ends it, whatever `use` does. Sessions that the server no longer knows are replaced.
 *
 * A session that lost its connection, or in which something may still run, is closed, which ends all that runs in it.
 */
export function inSession<T>(options: InSessionOptions<T>): Promise<T> {
  const { warehouse, statement, atOnce = false } = options;
  const { signal, timeoutMs } = statement;
  const timeoutS = timeoutClass(timeoutMs);
  const deadline = performance.now() + timeoutMs;
  const open = () => openSession({ ...warehouse, timeoutS, signal });
  const suits = (session: Session) => atOnce || session.timeoutS === timeoutS;
  return warehouse.sessions.use({ open, suits, atOnce, signal }, async (next) => {
    for (;;) {
      const session = await next();
      try {
        return await beginAndUse(session.handle, deadline, options);
      } catch (thrown) {
        session.isOpen = !SPOILING.some((kind) => thrown instanceof kind);
        if (thrown instanceof UnstoppedError) throw thrown.cause;
        if (!(thrown instanceof ExpiredSessionError)) throw thrown;
        if (!session.wasIdle) throw forgottenAtOnce();
      }
    }
  });
}

/** After these errors the state of the session is unknown. */
const SPOILING = [ExpiredSessionError, UnstoppedError, SqlConnectionError];

async function beginAndUse<T>(
  sessionHandle: TSessionHandle,
  deadline: number,
  { warehouse, statement, bound, rowLimit, limitOnServer, use }: InSessionOptions<T>,
): Promise<T> {
  const { transport, inBackground } = warehouse;
  const { signal, timeoutMs } = statement;
  const limits = { rowLimit, limitOnServer, timeoutMs, deadline };
  const operation = await Operation.begin({ transport, sessionHandle, statement: bound, signal, ...limits });
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
