import { X509Certificate } from 'node:crypto';
import { Agent as PlainAgent } from 'node:http';
import { Agent } from 'node:https';
import { createSecureContext, getCACertificates } from 'node:tls';
import { SqlConnectionError } from '../../sql-error.ts';
import { type Exchange, exchange, type HttpAnswer } from './http-exchange.ts';
import { HttpFault } from './http-fault.ts';
import { Login } from './login.ts';
import type { ThriftOptions } from './options.ts';
import type { Method, RequestOf, ResponseOf } from './protocol.ts';
import { thriftCall } from './thrift-call.ts';

/** Balancers forget idle connections after 50 s or more, some without a word. We are earlier. */
const IDLE_MS = 20_000;

export interface EndpointCall {
  /** Called when there is a login, and the call is about to be sent. */
  onSend?: () => void;
  /** Whether the server answers others: the call goes on for so long. Default: a silent call fails. */
  isAlive?: (() => Promise<boolean>) | undefined;
  /** On a new connection: no one can tell a kept one that was cut from a lost answer. Default: any. */
  isFresh?: boolean;
}

/** The server: connections, the login, and what travels over them. Nothing is repeated here. */
export class Endpoint {
  readonly #options: ThriftOptions;
  readonly #login: Login;
  readonly #origin: string;
  /** By protocol. */
  readonly #agents = new Map<string, PlainAgent>();
  #hasAnswered = false;

  constructor(options: ThriftOptions) {
    const { host, port = 443, tls = true, auth } = options;
    this.#options = options;
    this.#origin = `${tls ? 'https' : 'http'}://${host}:${port}`;
    const post = (path: string, headers: Record<string, string>, body: string) =>
      this.#exchange({ url: new URL(this.#origin + path), method: 'POST', headers, body });
    this.#login = new Login({ host, auth, post });
  }

  /** Whether an answer has ever come, so that host, port and path are right. */
  get hasAnswered(): boolean {
    return this.#hasAnswered;
  }

  /** @throws NetworkError, HttpFault; {SqlConnectionError} when there is no login */
  async call<M extends Method>(method: M, request: RequestOf<M>, how: EndpointCall): Promise<ResponseOf<M>> {
    const { onSend, isAlive, isFresh = false } = how;
    const authorization = await this.#login.header();
    const url = new URL(`${this.#origin}/${this.#options.httpPath.replace(/^\//, '')}`);
    const headers = { 'content-type': 'application/x-thrift', authorization };
    const call = thriftCall(method, request);
    if (isFresh) this.#closeIdle(url.protocol);
    onSend?.();
    const answer = await this.#exchange({ url, method: 'POST', headers, body: call.request, isAlive });
    if (answer.status === 401 && this.#login.wasRefused(authorization)) return this.call(method, request, how);
    if (answer.status !== 200) throw new HttpFault(answer);
    const response = call.read(answer.body);
    this.#hasAnswered = true;
    return response;
  }

  /** A file in cloud storage. @throws as `call` */
  async download(url: URL, headers: Record<string, string>, signal: AbortSignal): Promise<Buffer> {
    const answer = await this.#exchange({ url, method: 'GET', headers, signal });
    if (answer.status !== 200) throw new HttpFault(answer);
    return answer.body;
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
  }

  #exchange(what: Omit<Exchange, 'agent' | 'connectTimeoutMs' | 'silenceMs'>): Promise<HttpAnswer> {
    const { connectTimeoutMs, answerTimeoutMs: silenceMs } = this.#options;
    const headers = { 'user-agent': 'taskwire', ...what.headers };
    return exchange({ ...what, headers, agent: this.#agentFor(what.url.protocol), connectTimeoutMs, silenceMs });
  }

  #closeIdle(protocol: string): void {
    const idle = Object.values(this.#agentFor(protocol).freeSockets).flatMap((sockets) => sockets ?? []);
    for (const socket of idle) socket.destroy();
  }

  /** @throws {SqlConnectionError} when the certificate or the proxy is none */
  #agentFor(protocol: string): PlainAgent {
    const known = this.#agents.get(protocol);
    if (known) return known;
    const { host, proxy, caCertificate } = this.#options;
    const options = {
      ...{ keepAlive: true, timeout: IDLE_MS },
      ...(proxy && { proxyEnv: { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url, NO_PROXY: proxy.except } }),
    };
    if (proxy && !isProxyUrl(proxy.url)) {
      const message =
        `The proxy of the connection to ${host} is no URL: write http://user:password@host:port, with special characters ` +
        'of user and password percent-encoded';
      throw new SqlConnectionError({ fault: 'misconfigured', message });
    }
    const agent =
      protocol === 'https:'
        ? new Agent({ ...options, ...(caCertificate && trusting(caCertificate, host)) })
        : new PlainAgent(options);
    this.#agents.set(protocol, agent);
    return agent;
  }
}

/** One context for all connections: to read all authorities of the world takes 10 ms. */
function trusting(caCertificate: string, host: string) {
  try {
    new X509Certificate(caCertificate);
    return { secureContext: createSecureContext({ ca: [...getCACertificates('default'), caCertificate] }) };
  } catch {
    const why = 'its ca_file holds no certificate (-----BEGIN CERTIFICATE-----)';
    throw new SqlConnectionError({ fault: 'tls', message: `The connection to ${host} cannot be set up: ${why}` });
  }
}

/** Behind #, ? or / may be the rest of a password: then the host before it is not the one meant. */
function isProxyUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && !/[#?]/.test(text);
}
