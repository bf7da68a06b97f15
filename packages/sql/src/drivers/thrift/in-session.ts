import { isDeepStrictEqual } from 'node:util';
import { HandOver } from '@taskwire/tasks';
import { endsWithin } from '../../abortable.ts';
import { unknownOutcome } from '../../committing.ts';
import type { SqlStatement } from '../../driver.ts';
import { sentBefore } from '../../hand-over.ts';
import type { Pool } from '../../pool.ts';
import { SqlConnectionError, SqlError, StillRunsError } from '../../sql-error.ts';
import { type AskOptions, askInSession } from './ask-in-session.ts';
import type { BoundStatement, Namespace } from './dialect.ts';
import { type LeftStatement, leftStatement, leftStatementIn } from './left-statement.ts';
import { Operation, type OperationOptions } from './operation.ts';
import { ExpiredSessionError, LostStatementError, UnstoppedError } from './operation-status.ts';
import type { ThriftOptions } from './options.ts';
import { closeSoon, type Session } from './session.ts';
import type { SessionOpener } from './session-opener.ts';
import { timeoutClass } from './timeout-class.ts';
import type { Transport } from './transport.ts';

/** A statement that only reads is sent so often, when the server loses it: it may be what makes the server fall. */
const MAX_RUNS = 3;
/** For a statement that is not waited for. */
const END_WITHIN_MS = 4000;
/** After that it has ended by its own time limit, as a rule. */
const END_LATE_S = 3600;

/** What all statements of a driver share. */
export interface Warehouse {
  readonly options: ThriftOptions;
  readonly transport: Transport;
  readonly sessions: Pool<Session>;
  /** For background work that closing the driver waits for. */
  readonly inBackground: (work: Promise<unknown>) => void;
  readonly opener: SessionOpener;
  /** Aborted when the driver closes. */
  readonly closing: AbortSignal;
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
  /** Whether the statement only reads: then it may be sent once more. */
  reads: boolean;
  /** Whether something of its result was handed over: then not any more. Default: never. */
  hasBegunToReturn?: () => boolean;
  /** Do not wait for a session: take an idle one, or a new one beyond `maxSessions`. Default: false. */
  atOnce?: boolean;
  /** `operation.options` has the signal that it is to heed, and its deadline. */
  use: (operation: Operation) => Promise<T>;
}

/**
 * Begins a statement in a session and ends it, whatever `use` does. Sessions that the server no longer knows are replaced.
 *
 * A session is used again if the statement leaves no trace in it, and has ended well, was surely stopped, or failed with a
 * SQLSTATE: servers say in many words that they have lost a session. Closing ends all that may still run in it.
 */
export async function inSession<T>(options: InSessionOptions<T>): Promise<T> {
  const left = leftStatementIn(options.statement.handover?.left);
  return left ? takeUp(left, options) : inNewSession(options);
}

function inNewSession<T>(options: InSessionOptions<T>): Promise<T> {
  const { warehouse, statement, leavesNoTrace, reads, atOnce = false } = options;
  const { signal, timeoutMs } = statement;
  const timeoutS = timeoutClass(timeoutMs);
  const namespace = namespaceOf(warehouse.options, statement);
  const deadline = performance.now() + timeoutMs;
  let runs = 0;
  const wasBegun = () => runs > 1 || statement.handover?.left !== undefined;
  const open = () => warehouse.opener.open({ timeoutS, namespace, signal, deadline, persists: wasBegun() });
  const suits = (session: Session) =>
    runs === 1 && (atOnce || session.timeoutS === timeoutS) && isDeepStrictEqual(session.namespace, namespace);
  return warehouse.sessions.use({ open, suits, atOnce, signal }, async (next) => {
    for (runs = 1; ; ) {
      const session = await next();
      try {
        const value = await beginAndUse(session, deadline, options);
        session.isOpen = leavesNoTrace;
        return value;
      } catch (thrown) {
        const isOfEngine = thrown instanceof SqlError && thrown.engineCode !== undefined;
        const isStopped = signal.aborted && !(thrown instanceof UnstoppedError);
        session.isOpen = leavesNoTrace && !session.isGone && (isOfEngine || isStopped);
        if (thrown instanceof UnstoppedError) throw reasonOf(thrown, signal);
        const isExpired = thrown instanceof ExpiredSessionError;
        if (isExpired && !session.wasIdle) throw forgottenAtOnce();
        if (isExpired) continue;
        const isLost = thrown instanceof LostStatementError;
        if (isLost && !reads) throw unknownOutcome(thrown.message, thrown);
        const mayBeLost = isLost || (session.wasIdle && !isOfEngine);
        if (runs === MAX_RUNS || !mayBeLost || signal.aborted || !mayRepeat(options)) throw thrown;
        runs += 1;
      }
    }
  });
}

function namespaceOf(connection: Namespace, statement: Namespace): Namespace {
  return { catalog: statement.catalog ?? connection.catalog, schema: statement.schema ?? connection.schema };
}

/** Goes on with a statement that another process has begun. Nothing is sent twice, unless it only reads. */
async function takeUp<T>(left: LeftStatement, options: InSessionOptions<T>): Promise<T> {
  const { warehouse, statement, reads } = options;
  const { signal, timeoutMs } = statement;
  const session = warehouse.opener.takeUp(left.session, timeoutClass(timeoutMs));
  if (left.operation) {
    const operation = Operation.resume(
      operationOptions(session, performance.now() + timeoutMs, options),
      left.operation,
    );
    const open = async () => session;
    try {
      // It has its place in the server already.
      return await warehouse.sessions.use({ open, suits: () => false, atOnce: true, signal }, async (next) => {
        await next();
        session.isOpen = false;
        return useAndEnd(session, operation, options);
      });
    } catch (thrown) {
      if (thrown instanceof UnstoppedError) throw reasonOf(thrown, signal);
      if (!(thrown instanceof LostStatementError) || (reads && !mayRepeat(options))) throw thrown;
    }
  } else {
    // It may have been sent just before its worker died.
    session.mayRun = true;
    const isEnded = await session.end({ signal, deadline: performance.now() + timeoutMs });
    if (!isEnded) throw new StillRunsError('its session could not be closed', signal.reason);
  }
  if (!reads) throw unknownOutcome('It was begun by a worker that is gone, and the server no longer knows it');
  return inNewSession(options);
}

/**
 * Ends a statement that another process has begun.
 *
 * @throws {SqlConnectionError} when it may still run; that is tried further then
 */
export async function endStatement(warehouse: Warehouse, { session: handle, operation }: LeftStatement): Promise<void> {
  const session = warehouse.opener.takeUp(handle, END_LATE_S);
  session.mayRun = true;
  session.unstopped = operation;
  const ending = session.close();
  warehouse.inBackground(ending);
  if (await endsWithin(END_WITHIN_MS, ending)) return;
  throw new SqlConnectionError({ fault: 'unreachable', message: 'The server does not answer' });
}

/** Also of a query that is sent again: its task's time goes on. */
function sentAt<T>({ statement }: InSessionOptions<T>): number {
  return sentBefore(statement.handover?.left) ?? Date.now();
}

function mayRepeat<T>({ reads, hasBegunToReturn }: InSessionOptions<T>): boolean {
  return reads && !hasBegunToReturn?.();
}

function operationOptions<T>(session: Session, deadline: number, options: InSessionOptions<T>): OperationOptions {
  const { warehouse, statement, bound, rowLimit, limitOnServer, reads } = options;
  const { dialect } = warehouse.options;
  const { signal, timeoutMs, handover } = statement;
  const inSession = { dialect, transport: warehouse.transport, sessionHandle: session.handle };
  return {
    ...{ ...inSession, statement: bound, rowLimit, limitOnServer, timeoutMs, deadline, reads },
    isIncremental: () => isIncremental({ ...inSession, timeoutMs, signal }),
    signal: handover ? AbortSignal.any([signal, handover.stopping]) : signal,
  };
}

async function isIncremental(asking: AskOptions): Promise<boolean> {
  const name = asking.dialect.incrementalSetting;
  if (name === null) return false;
  const [[, value] = []] = await askInSession(`SET ${name}`, asking);
  return value !== 'false';
}

async function beginAndUse<T>(session: Session, deadline: number, options: InSessionOptions<T>): Promise<T> {
  const { warehouse, statement } = options;
  const { signal, handover } = statement;
  handover?.stopping.throwIfAborted();
  await handover?.keep(leftStatement(session.handle, sentAt(options)));
  const begun = operationOptions(session, deadline, options);
  // A statement that is being sent cannot be handed over.
  const operation = await Operation.begin({ ...begun, signal }, begun.signal).catch(async (thrown) => {
    if (!(thrown instanceof UnstoppedError)) throw thrown;
    session.lingers = true;
    // Closing a session at once does not end what Spark plans in it.
    session.mayRun = warehouse.options.dialect.cancelling !== undefined || !(await session.end(closeSoon()));
    throw session.mayRun || !options.reads ? thrown : thrown.cause;
  });
  return useAndEnd(session, operation, options);
}

async function useAndEnd<T>(session: Session, operation: Operation, options: InSessionOptions<T>): Promise<T> {
  const { statement, warehouse, use } = options;
  const { handle } = operation;
  try {
    if (handle) await statement.handover?.keep(leftStatement(session.handle, sentAt(options), handle));
    const value = await use(operation);
    warehouse.inBackground(operation.close());
    return value;
  } catch (thrown) {
    // Another process goes on with it.
    if (handle && (thrown instanceof HandOver || thrown === statement.handover?.stopping.reason)) {
      session.isGone = true;
      throw thrown;
    }
    if (thrown instanceof LostStatementError) throw thrown;
    const unstopped = await operation.stop(thrown).catch((error: UnstoppedError) => error);
    if (unstopped) {
      session.lingers = true;
      session.mayRun = unstopped.why !== undefined;
      session.unstopped = handle;
    }
    const failure = options.reads ? thrown : ofWriting(thrown, operation, statement.signal);
    throw unstopped ? new UnstoppedError(failure, unstopped.why) : failure;
  }
}

/** No error of a statement that may have changed something hides that, nor lets it be sent again. */
function ofWriting(thrown: unknown, { hasFinished }: Operation, signal: AbortSignal): unknown {
  if (signal.aborted) return hasFinished ? new StillRunsError('it had ended, and has taken effect', thrown) : thrown;
  const { message } = thrown as Error;
  if (thrown instanceof SqlConnectionError) return unknownOutcome(message, thrown);
  if (!hasFinished || !(thrown instanceof SqlError)) return thrown;
  return new SqlError({ code: thrown.code, message: `${message}; the statement has taken effect`, cause: thrown });
}

function reasonOf({ cause, why }: UnstoppedError, signal: AbortSignal): unknown {
  return signal.aborted && why !== undefined ? new StillRunsError(why, cause) : cause;
}

function forgottenAtOnce(): SqlConnectionError {
  const message = 'The server loses sessions as soon as they are opened: is it restarting?';
  return new SqlConnectionError({ fault: 'unavailable', message });
}
