import { abortable, pause } from '../../abortable.ts';
import type { Pooled } from '../../pool.ts';
import { SqlConnectionError, type SqlConnectionFault } from '../../sql-error.ts';
import { withoutSecrets } from './connection-faults.ts';
import type { Namespace } from './dialect.ts';
import { engineError } from './engine-errors.ts';
import { isExpiredHandle } from './operation-status.ts';
import type { ThriftOptions } from './options.ts';
import {
  type ResponseOf,
  type TOperationHandle,
  TProtocolVersion,
  type TSessionHandle,
  TStatusCode,
} from './protocol.ts';
import type { RetryOptions, Transport } from './transport.ts';

const CLOSE_WITHIN_MS = 3000;

export type CloseLimits = Pick<RetryOptions, 'signal' | 'deadline'>;

/** A session in a warehouse, for one statement at a time. */
export interface Session extends Pooled {
  readonly handle: TSessionHandle;
  /** After this many seconds the server gives up a statement. */
  readonly timeoutS: number;
  /** Undefined if that is not known. */
  readonly namespace: Namespace | undefined;
  isOpen: boolean;
  /** Whether something may still begin in it, after a cancel: then it is closed a little later. */
  lingers: boolean;
  /** Whether another process goes on in it, or it is closed. */
  isGone: boolean;
  /** Whether something may run in it, because nobody could be told to end it: that is tried until it succeeds. */
  mayRun: boolean;
  /** What may run in it, as far as it is known. */
  unstopped: TOperationHandle | undefined;
  /** Ends what runs in it, within the limits. @returns whether the server has confirmed that */
  end(limits: CloseLimits): Promise<boolean>;
}

export interface OpenSessionOptions {
  options: ThriftOptions;
  transport: Transport;
  timeoutS: number;
  namespace: Namespace | undefined;
  signal: AbortSignal;
  deadline: number;
  persists?: boolean;
  /** Aborted when there is no time to linger. */
  closing: AbortSignal;
}

export async function openSession(opening: OpenSessionOptions): Promise<Session> {
  const { options, transport, timeoutS, namespace } = opening;
  const request = options.dialect.openRequest({ ...options, ...namespace }, timeoutS);
  // A warehouse that starts takes its time.
  const isAlive = () => transport.answers();
  const handle = handleOf(await transport.call('OpenSession', request, { ...opening, isAlive }), opening);
  return sessionOf(handle, opening);
}

/** A session that is open already. */
export function sessionOf(handle: TSessionHandle, opening: Omit<OpenSessionOptions, 'signal' | 'deadline'>): Session {
  const { options, transport, timeoutS, namespace, closing } = opening;
  const { dialect } = options;
  const session: Session = {
    handle,
    timeoutS,
    namespace,
    isOpen: true,
    wasIdle: false,
    lingers: false,
    isGone: false,
    mayRun: false,
    unstopped: undefined,
    async close() {
      if (session.isGone) return;
      const limits = () =>
        session.mayRun ? { signal: closing, deadline: performance.now() + timeoutS * 1000 } : closeSoon();
      if (session.mayRun) await cancel(limits()).catch(() => undefined);
      const { lingersMs } = dialect.cancelling ?? {};
      if (session.lingers && lingersMs !== undefined) await pause(lingersMs, closing).catch(() => undefined);
      await session.end(limits());
    },
    async end(limits) {
      const ending = async () => {
        // Of a session that is closed Spark does not always end what runs.
        await cancel(limits);
        await known(transport.call('CloseSession', { sessionHandle: handle }, { ...limits, persists: true }));
      };
      session.isGone = await abortable(ending(), limits.signal).then(
        () => true,
        () => false,
      );
      return session.isGone;
    },
  };
  const cancel = async (limits: CloseLimits) => {
    const { unstopped: operationHandle } = session;
    if (operationHandle)
      await known(transport.call('CancelOperation', { operationHandle }, { ...limits, persists: true }));
  };
  return session;
}

function handleOf(response: ResponseOf<'OpenSession'>, { options, namespace }: OpenSessionOptions): TSessionHandle {
  const { status, sessionHandle, serverProtocolVersion } = response;
  if (status.statusCode > TStatusCode.SUCCESS_WITH_INFO_STATUS || !sessionHandle) {
    const error = engineError(status, { query: '', text: '', positionInQuery: () => -1 });
    const { message, engineCode = '' } = error;
    const fault = faultOf(engineCode, message);
    const isOwn = namespace?.catalog !== options.catalog || namespace?.schema !== options.schema;
    // Nothing is wrong with the connection.
    if (isOwn && fault !== 'misconfigured' && (fault === 'not_found' || OF_NAMES.test(engineCode))) throw error;
    const words = fault === 'not_found' ? `The schema or catalog of this connection: ${message}` : message;
    throw new SqlConnectionError({ fault, message: withoutSecrets(words, options) });
  }
  if (serverProtocolVersion < options.dialect.oldestVersion) {
    const message = `${options.host} speaks an old protocol (${TProtocolVersion[serverProtocolVersion]}): use a newer server`;
    throw new SqlConnectionError({ fault: 'unavailable', message });
  }
  return sessionHandle;
}

/** SQLSTATEs of wrong names and missing rights. */
const OF_NAMES = /^(?:42|3[DF])/;

function faultOf(sqlState: string, message: string): SqlConnectionFault {
  if (/CANNOT_MODIFY_|INVALID_CONF_VALUE|hive configuration/.test(message)) return 'misconfigured';
  if (/NOT_FOUND|NO_SUCH/.test(message) || sqlState.startsWith('427') || sqlState === '3D000') return 'not_found';
  return sqlState === '42501' || /PERMISSION/.test(message) ? 'forbidden' : 'unavailable';
}

/** What the server does not know has ended. */
async function known(call: Promise<unknown>): Promise<void> {
  await call.catch((thrown) => {
    if (!isExpiredHandle(thrown)) throw thrown;
  });
}

/** For what is not waited for: later the server closes a session by itself. */
export function closeSoon(): CloseLimits {
  return { signal: AbortSignal.timeout(CLOSE_WITHIN_MS), deadline: performance.now() + CLOSE_WITHIN_MS };
}
