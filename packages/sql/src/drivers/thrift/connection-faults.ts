import { SqlConnectionError, type SqlConnectionFault } from '../../sql-error.ts';
import { HttpFault } from './http-fault.ts';
import type { ThriftOptions, ThriftProxy } from './options.ts';

/**
 * Why a server cannot be used, in words for a person.
 *
 * The thrown error is not kept as a cause: it may hold what is secret.
 */
export function connectionError(thrown: unknown, options: ThriftOptions): SqlConnectionError {
  if (thrown instanceof SqlConnectionError) return thrown;
  const { fault, message } = thrown instanceof HttpFault ? ofStatus(thrown, options) : ofNetwork(thrown, options);
  return new SqlConnectionError({ fault, message: withoutSecrets(message, options) });
}

const MIN_SECRET_LENGTH = 6;

/** For texts that come from elsewhere. */
export function withoutSecrets(text: string, { auth, proxy }: ThriftOptions): string {
  const secrets = auth.kind === 'basic' ? [basicCredentials(auth), auth.password] : [];
  const proxyPassword = proxy && URL.parse(proxy.url)?.password;
  if (proxyPassword) secrets.push(proxyPassword, unescape(proxyPassword));
  if (auth.kind !== 'basic') secrets.push(auth.kind === 'token' ? auth.token : auth.clientSecret);
  // A shorter text may be part of other words.
  return secrets.reduce(
    (hidden, secret) => (secret.length < MIN_SECRET_LENGTH ? hidden : hidden.replaceAll(secret, '***')),
    text,
  );
}

/** As HTTP's header has them. */
export function basicCredentials({ user, password }: { user: string; password: string }): string {
  return Buffer.from(`${user}:${password}`).toString('base64');
}

interface Finding {
  fault: SqlConnectionFault;
  message: string;
}

const LOGIN: Record<ThriftOptions['auth']['kind'], string> = {
  token: 'the token is wrong or has expired: create a new one',
  basic: 'check user and password',
  oauth: 'check the OAuth client',
};

function ofStatus({ status, serverMessage, location }: HttpFault, options: ThriftOptions): Finding {
  const { host, httpPath, auth, dialect } = options;
  const isSpark = dialect.engine === 'spark';
  const says = serverMessage === '' ? '' : ` (${dialect.title} says: ${serverMessage})`;
  if (status === 401 || (status === 403 && /token|credential/i.test(serverMessage))) {
    return { fault: 'credentials', message: `${host} refuses the login; ${LOGIN[auth.kind]}${says}` };
  }
  if (status === 403) {
    const right = isSpark ? 'access' : '"can use" on the warehouse';
    return { fault: 'forbidden', message: `${host} forbids access to ${httpPath}: give this user ${right}${says}` };
  }
  // Spark answers so on any path but its own.
  if (status === 404 || status === 405) {
    const right = isSpark
      ? "http_path must be the server's hive.server2.thrift.http.path"
      : "copy the HTTP path from the warehouse's connection details";
    return { fault: 'not_found', message: `${host} has no ${httpPath}: ${right}${says}` };
  }
  if (location !== undefined) {
    const message = `${addressOf(options)}${httpPath} redirects to ${location}: name that place, unless it is a login page`;
    return { fault: 'not_found', message };
  }
  if (status === 429) return { fault: 'busy', message: `${host} gets too many requests: try again later${says}` };
  if (status === 503) {
    const name = isSpark ? 'server' : 'warehouse';
    const message = `The ${name} at ${host}${httpPath} is stopped, starting or overloaded: try again in a few minutes`;
    return { fault: 'unavailable', message: message + says };
  }
  return { fault: 'unavailable', message: `${host} answered with the HTTP status ${status}${says}` };
}

const UNREACHABLE: Record<string, (options: ThriftOptions) => string> = {
  ENOTFOUND: ({ host }) => `There is no host ${host}: check the host name, and that this machine can look it up`,
  EAI_AGAIN: ({ host }) => `The name ${host} could not be looked up: check this machine's DNS and network`,
  ECONNREFUSED: (options) => `${addressOf(options)} refuses connections: check host and port`,
  NO_CONNECTION: (options) => `${addressOf(options)} does not answer: check host and port, firewall and VPN`,
  NO_ANSWER: (options) =>
    `${addressOf(options)} was silent for ${options.answerTimeoutMs / 1000} s (answer_timeout_ms): check the network, or whether the server hangs`,
  ETIMEDOUT: (options) => `${addressOf(options)} does not answer: check host and port, firewall and VPN`,
  EHOSTUNREACH: (options) => `${addressOf(options)} cannot be reached: check network, firewall and VPN`,
  ENETUNREACH: (options) => `${addressOf(options)} cannot be reached: check network, firewall and VPN`,
  NO_PLAIN_HTTP: (options) => `${addressOf(options)} speaks TLS: take "tls": false away`,
  NO_HTTP: (options) =>
    `${addressOf(options)} gave no HTTP answer. If that lasts, check host and port${options.dialect.engine === 'spark' ? ', tls, and that its HTTP mode is on (hive.server2.transport.mode=http)' : ''}`,
  NO_THRIFT: (options) =>
    `${addressOf(options)}${options.httpPath} answers, but not in Thrift: a login page? Check host, port and http_path`,
};

const TLS_CODE = /^(?:ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|EPROTO)/;

/** @param reason in Node's words */
function ofTls(code: string, reason: string, options: ThriftOptions): string {
  const certificate = `The certificate of ${addressOf(options)}`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `${certificate} is for other names: set host to one of these (${/cert's (?:altnames|list|CN): (.*)$/.exec(reason)?.[1]})`;
  }
  if (/^(?:UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/.test(code)) {
    return `${certificate} is of no trusted authority (${code}): set ca_file to that authority's certificate`;
  }
  if (!/wrong version number|packet length/.test(reason))
    return `No trusted TLS connection to ${addressOf(options)}: ${code}`;
  const advice =
    options.dialect.engine === 'spark' ? 'set "tls": false, or name a port that does' : 'check host and port';
  return `${addressOf(options)} does not speak TLS: ${advice}`;
}

/** The errors of Node's sockets, and ours. */
function ofNetwork(thrown: unknown, options: ThriftOptions): Finding {
  const { code = '', message = '' } = thrown as { code?: unknown; message?: string };
  const name = String(code);
  if (name === 'ERR_PROXY_TUNNEL') return ofProxy(message, options);
  const unreachable = UNREACHABLE[name];
  const byProxy = options.proxy ? `; the way goes through the proxy ${hostOf(options.proxy)}` : '';
  if (unreachable)
    return { fault: name === 'NO_THRIFT' ? 'not_found' : 'unreachable', message: unreachable(options) + byProxy };
  if (TLS_CODE.test(name)) return { fault: 'tls', message: ofTls(name, message, options) };
  const what = name === '' ? message : name;
  return { fault: 'unreachable', message: `The connection to ${addressOf(options)} was cut or broken (${what})` };
}

/** @param reason in Node's words: `… HTTP/1.1 407 Proxy Authentication Required` */
function ofProxy(reason: string, options: ThriftOptions): Finding {
  const proxy = options.proxy ? hostOf(options.proxy) : '';
  const status = /HTTP\/\d\.\d (\d{3})/.exec(reason)?.[1];
  if (status === '407') {
    return {
      fault: 'credentials',
      message: `The proxy ${proxy} refuses the login: check user and password in its URL`,
    };
  }
  const why = status === undefined ? 'it gave no answer' : `HTTP status ${status}`;
  return { fault: 'unreachable', message: `The proxy ${proxy} makes no way to ${addressOf(options)} (${why})` };
}

function hostOf({ url }: ThriftProxy): string {
  return URL.parse(url)?.host ?? '';
}

export function addressOf({ host, port = 443 }: ThriftOptions): string {
  return `${host}:${port}`;
}
