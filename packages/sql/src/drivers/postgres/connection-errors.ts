import { DatabaseError } from 'pg';
import { SqlConnectionError, type SqlConnectionFault } from '../../sql-error.ts';
import { addressOf, type Target } from './target.ts';

/** SQLSTATEs by which the server ends a connection: it stops or was told to, or a transaction has idled for too long. */
const ENDING = /^(57P0[1-5]|25P0[34])$/;
const UNREACHABLE =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOENT|EACCES)$/;
const WRONG_CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME/;

/** Whether an error of `pg` means that the connection is gone, not that a statement failed. */
export function isConnectionEnd(thrown: unknown): boolean {
  if (!(thrown instanceof DatabaseError)) return true;
  // The severity is in the language of the server.
  return ENDING.test(thrown.code ?? '') || thrown.severity === 'FATAL' || thrown.severity === 'PANIC';
}

/** Why a connection could not be made. */
export function connectError(thrown: unknown, target: Target): SqlConnectionError {
  if (thrown instanceof SqlConnectionError) return thrown;
  const { fault, message } =
    thrown instanceof DatabaseError ? refusal(thrown, target) : failure(thrown as NodeJS.ErrnoException, target);
  return new SqlConnectionError({ fault, message, cause: thrown });
}

/** A connection that ended while it was in use. */
export function cutError(thrown: unknown, target: Target): SqlConnectionError {
  const words = thrown instanceof Error && thrown.message !== '' ? ` (${thrown.message})` : '';
  const message = `The connection to PostgreSQL at ${addressOf(target)} was cut in the middle of a statement${words}: the server was restarted or the network failed`;
  return new SqlConnectionError({ fault: 'unreachable', message, cause: thrown });
}

interface Fault {
  fault: SqlConnectionFault;
  message: string;
}

/** The server answered. Its own words contain no password. */
function refusal({ code = '', message }: DatabaseError, target: Target): Fault {
  const server = `PostgreSQL at ${addressOf(target)}`;
  const as = `user "${target.user}"`;
  switch (code) {
    case '28P01':
      return { fault: 'credentials', message: `${server} refuses the password of ${as}: check user and password` };
    case '28000': {
      const hint = target.tls === 'disable' ? '; if it wants encryption, set tls to require' : '';
      return { fault: 'forbidden', message: `${server} does not let ${as} in: ${message}${hint}` };
    }
    case '42501':
      return { fault: 'forbidden', message: `${server} does not let ${as} in: ${message}` };
    case '3D000':
      return { fault: 'not_found', message: `${server} has no database "${target.database}": check its name` };
    case '53300':
      return {
        fault: 'busy',
        message: `${server} has too many connections (${message}): lower max_concurrent here, or raise max_connections there`,
      };
    case '57P03':
      return { fault: 'unavailable', message: `${server} is not ready: ${message}` };
    default:
      return { fault: 'unavailable', message: `${server} does not take the connection: ${message}` };
  }
}

function failure(
  { code = '', message, errors }: NodeJS.ErrnoException & { errors?: unknown[] },
  target: Target,
): Fault {
  const server = `PostgreSQL at ${addressOf(target)}`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return { fault: 'unreachable', message: `There is no host "${target.host}": check the name, or the network's DNS` };
  }
  if (code === 'ECONNREFUSED' || code === 'ENOENT') {
    return {
      fault: 'unreachable',
      message: `Nothing listens at ${addressOf(target)}: check host and port, and that PostgreSQL runs`,
    };
  }
  if (message === 'timeout expired' || code === 'ETIMEDOUT') {
    return {
      fault: 'unreachable',
      message: `${server} does not answer: check host and port, and firewalls in between`,
    };
  }
  if (WRONG_CERTIFICATE.test(code)) {
    const message = `The certificate of ${server} is not trusted (${code}): set ca_file to its authority, and host to the name in the certificate`;
    return { fault: 'tls', message };
  }
  if (/SSL|TLS/.test(`${code} ${message}`)) {
    const message_ =
      message === 'The server does not support SSL connections'
        ? 'does not speak TLS: set tls to disable, or turn ssl on there'
        : `and taskwire cannot agree on TLS: ${message}`;
    return { fault: 'tls', message: `${server} ${message_}` };
  }
  if (message.startsWith('SASL')) {
    return { fault: 'credentials', message: `${server} and taskwire cannot agree on a password: ${message}` };
  }
  const detail = UNREACHABLE.test(code) || errors === undefined ? message : errors.map(String).join('; ');
  return { fault: 'unreachable', message: `${server} cannot be reached: ${detail}` };
}
