import type { JsonValue } from '@taskwire/protocol';
import type { RowReceiver, SqlStatement, SqlSummary } from './driver.ts';
import { SqlError } from './sql-error.ts';

/** What is left for the next attempt just before a COMMIT. */
const COMMITTING: JsonValue = { committing: true };

/** A transaction without its COMMIT is gone with its worker, and may run again. @throws {SqlError} when it had begun */
export function expectNoCommit({ handover }: SqlStatement): void {
  const left = handover?.left;
  if (typeof left !== 'object' || left === null || !('committing' in left)) return;
  throw unknownOutcome('Its worker died when the statement was to take effect');
}

/**
 * To be awaited just before the COMMIT: what becomes of the rows can still undo the statement, and after it nothing can.
 *
 * @throws what the receiver throws; `signal.reason`
 */
export async function beforeCommit(statement: SqlStatement, receiver: RowReceiver, summary: SqlSummary): Promise<void> {
  await receiver.complete?.(summary);
  statement.signal.throwIfAborted();
  await statement.handover?.keep(COMMITTING);
}

/** Nobody knows whether the statement was committed: it is never run again by itself. */
export function unknownOutcome(why: string, cause?: unknown): SqlError {
  return new SqlError({ code: 'failed', message: `${why}; the statement may have taken effect`, cause });
}
