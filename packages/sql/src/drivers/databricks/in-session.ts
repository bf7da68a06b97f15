import { SqlConnectionError } from '../../sql-error.ts';
import type { Operation } from './operation.ts';
import { ExpiredSessionError, UnstoppedError } from './operation-status.ts';
import type { TSessionHandle } from './protocol.ts';
import type { PooledSession, SessionPool } from './session-pool.ts';

export interface InSessionOptions<T> {
  /** Sessions in which it can be tried; called once more for each that turns out to be gone. */
  take: () => Promise<PooledSession<TSessionHandle>>;
  sessions: SessionPool<TSessionHandle>;
  begin: (sessionHandle: TSessionHandle) => Promise<Operation>;
  use: (operation: Operation) => Promise<T>;
  /** For what nobody waits for. */
  inBackground: (work: Promise<unknown>) => void;
}

/**
 * Begins a statement in a session and ends it, whatever `use` does. Sessions that the server has forgotten are replaced.
 *
 * A session that has lost its connection, or in which something may still run, is not used again but closed: that ends all
 * that is in it.
 */
export async function inSession<T>(options: InSessionOptions<T>): Promise<T> {
  for (;;) {
    const pooled = await options.take();
    let isUsable = true;
    try {
      return await beginAndUse(pooled.session, options);
    } catch (thrown) {
      isUsable = !SPOILING.some((kind) => thrown instanceof kind);
      if (thrown instanceof UnstoppedError) throw thrown.cause;
      if (!(thrown instanceof ExpiredSessionError)) throw thrown;
      if (!pooled.isReused) throw forgottenAtOnce();
    } finally {
      options.sessions.release(pooled, { isUsable });
    }
  }
}

/** After these, it is not known what goes on in the session. */
const SPOILING = [ExpiredSessionError, UnstoppedError, SqlConnectionError];

async function beginAndUse<T>(session: TSessionHandle, { begin, use, inBackground }: InSessionOptions<T>): Promise<T> {
  const operation = await begin(session);
  try {
    const value = await use(operation);
    inBackground(operation.close());
    return value;
  } catch (thrown) {
    if (!(await operation.stop())) throw new UnstoppedError('', { cause: thrown });
    throw thrown;
  }
}

function forgottenAtOnce(): SqlConnectionError {
  const message = 'Databricks forgets sessions as soon as they are opened: is the warehouse just being restarted?';
  return new SqlConnectionError({ fault: 'unavailable', message });
}
