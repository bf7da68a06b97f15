import { SqlConnectionError, type SqlConnectionFault } from '../../sql-error.ts';
import { HttpFault } from './http-fault.ts';
import type { ThriftOptions } from './options.ts';

/**
 * Why Databricks cannot be used, in words for a person.
 *
 * The thrown error is not kept as a cause: the library's errors hold requests, which hold the token.
 */
export function connectionError(thrown: unknown, options: ThriftOptions): SqlConnectionError {
  if (thrown instanceof SqlConnectionError) return thrown;
  const { fault, message } = thrown instanceof HttpFault ? ofStatus(thrown, options) : ofNetwork(thrown, options);
  return new SqlConnectionError({ fault, message: withoutSecrets(message, options) });
}

const MIN_SECRET_LENGTH = 6;

/** For texts that come from elsewhere. */
export function withoutSecrets(text: string, { auth }: ThriftOptions): string {
  const secret = auth.kind === 'token' ? auth.token : auth.kind === 'basic' ? auth.password : auth.clientSecret;
  // A shorter text may be part of other words.
  return secret.length < MIN_SECRET_LENGTH ? text : text.replaceAll(secret, '***');
}

interface Finding {
  fault: SqlConnectionFault;
  message: string;
}

function ofStatus({ status, serverMessage }: HttpFault, { host, httpPath, auth }: ThriftOptions): Finding {
  const says = serverMessage === '' ? '' : ` (Databricks says: ${serverMessage})`;
  const who = auth.kind === 'token' ? 'the token is wrong or has expired: create a new one' : 'check the OAuth client';
  if (status === 401 || (status === 403 && /token|credential/i.test(serverMessage))) {
    return { fault: 'credentials', message: `${host} refuses the login; ${who}${says}` };
  }
  if (status === 403) {
    const message = `${host} forbids access to ${httpPath}: give this user "can use" on the warehouse${says}`;
    return { fault: 'forbidden', message };
  }
  if (status === 404) {
    const message = `${host} has no ${httpPath}: copy the HTTP path from the warehouse's connection details${says}`;
    return { fault: 'not_found', message };
  }
  if (status === 429) return { fault: 'busy', message: `${host} gets too many requests: try again later${says}` };
  if (status === 503) {
    const message = `The warehouse at ${host}${httpPath} is stopped, starting or overloaded: try again in a few minutes`;
    return { fault: 'unavailable', message: message + says };
  }
  return { fault: 'unavailable', message: `${host} answered with the HTTP status ${status}${says}` };
}

const UNREACHABLE: Record<string, (options: ThriftOptions) => string> = {
  ENOTFOUND: ({ host }) => `There is no host ${host}: check the host name, and that this machine can look it up`,
  EAI_AGAIN: ({ host }) => `The name ${host} could not be looked up: check this machine's DNS and network`,
  ECONNREFUSED: (options) => `${addressOf(options)} refuses connections: check host and port`,
  ETIMEDOUT: (options) => `${addressOf(options)} does not answer: check host and port, firewall and VPN`,
  EHOSTUNREACH: (options) => `${addressOf(options)} cannot be reached: check network, firewall and VPN`,
  ENETUNREACH: (options) => `${addressOf(options)} cannot be reached: check network, firewall and VPN`,
};

const TLS_CODE = /^(?:ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|EPROTO)/;

/** The errors of Node's sockets, and of the OAuth library. */
function ofNetwork(thrown: unknown, options: ThriftOptions): Finding {
  const { code = '', message = '', error } = thrown as { code?: unknown; message?: string; error?: unknown };
  const name = String(code);
  const unreachable = UNREACHABLE[name];
  if (unreachable) return { fault: 'unreachable', message: unreachable(options) };
  if (TLS_CODE.test(name)) {
    const advice = 'is there a proxy whose certificate authority must be trusted (ca_file)?';
    return { fault: 'tls', message: `No trusted TLS connection to ${addressOf(options)}: ${name}; ${advice}` };
  }
  // What an OAuth server says, by RFC 6749: `invalid_client` and the like.
  if (typeof error === 'string') {
    const advice = 'check client id and secret of the service principal';
    return { fault: 'credentials', message: `${options.host} gave no OAuth token (${error}): ${advice}` };
  }
  if ((thrown as { name?: string }).name === 'AuthenticationError') return { fault: 'credentials', message };
  const what = name === '' ? message : name;
  return { fault: 'unreachable', message: `The connection to ${addressOf(options)} was cut or broken (${what})` };
}

export function addressOf({ host, port = 443 }: ThriftOptions): string {
  return `${host}:${port}`;
}
