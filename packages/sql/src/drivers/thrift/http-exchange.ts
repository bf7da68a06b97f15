import { type Agent, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

export interface Exchange {
  url: URL;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: Buffer | string;
  agent: Agent;
  connectTimeoutMs: number;
  /** Nothing came or went for this long: the exchange fails, unless `isAlive` says otherwise. */
  silenceMs: number;
  /** Whether the server answers others meanwhile; then there is another `silenceMs`. Default: nobody is asked. */
  isAlive?: (() => Promise<boolean>) | undefined;
  /** Ends the exchange. Default: nothing does. */
  signal?: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** No whole answer came. */
export class NetworkError extends Error {
  /** Node's, or one of ours: `NO_CONNECTION`, `NO_ANSWER`, `CUT`, `NO_HTTP`, `NO_PLAIN_HTTP`, `NO_THRIFT`. */
  readonly code: string;
  /** Whether the server may have got the request. */
  readonly wasSent: boolean;

  constructor(message: string, { code, wasSent }: { code: string; wasSent: boolean }) {
    super(message);
    this.code = code;
    this.wasSent = wasSent;
  }
}

type SocketError = Error & { code?: string; rawPacket?: Buffer };

const TLS_ALERT = 0x15;

const unzipped = promisify(gunzip);

/**
 * One HTTP request and its whole answer, whatever its status.
 *
 * @throws {NetworkError}
 * @throws `signal.reason`
 */
export async function exchange(options: Exchange): Promise<HttpAnswer> {
  const { signal } = options;
  signal?.throwIfAborted();
  const answer = await exchanged(options).catch((thrown) => {
    throw signal?.aborted ? signal.reason : thrown;
  });
  if (answer.headers['content-encoding'] !== 'gzip') return answer;
  const body = await unzipped(answer.body).catch(({ message }: Error) => {
    throw new NetworkError(message, { code: 'CUT', wasSent: true });
  });
  return { ...answer, body };
}

function exchanged(options: Exchange): Promise<HttpAnswer> {
  const { url, method, headers, body, agent, connectTimeoutMs, silenceMs, isAlive, signal } = options;
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const isSecure = url.protocol === 'https:';
  const request = (isSecure ? httpsRequest : httpRequest)(url, {
    method,
    headers: {
      ...headers,
      'accept-encoding': 'gzip',
      ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
    },
    timeout: silenceMs,
    agent,
    ...(signal && { signal }),
  });
  let isConnected = false;
  let hasAnswer = false;
  const fail = (message: string, code: string) => {
    reject(new NetworkError(message, { code, wasSent: isConnected }));
    request.destroy();
  };
  const connecting = setTimeout(() => fail('No connection in time', 'NO_CONNECTION'), connectTimeoutMs);
  const onConnected = () => {
    isConnected = true;
    clearTimeout(connecting);
  };
  request.once('socket', (socket) => {
    // One that was used before, or leads through a proxy, is ready.
    if (!socket.connecting) return onConnected();
    socket.once(isSecure ? 'secureConnect' : 'connect', onConnected);
  });
  request.on('timeout', async () => {
    // Before that, it is connecting that takes its time.
    if (!isConnected) return;
    if (await isAlive?.()) request.setTimeout(silenceMs);
    else fail(`Nothing came for ${silenceMs} ms`, 'NO_ANSWER');
  });
  request.once('error', ({ message, code = '', rawPacket }: SocketError) => {
    // A server of binary Thrift closes when it sees a request.
    const isStranger = code.startsWith('HPE_') || (code === 'ECONNRESET' && isConnected && !request.reusedSocket);
    const stranger = rawPacket?.[0] === TLS_ALERT ? 'NO_PLAIN_HTTP' : 'NO_HTTP';
    fail(message, isStranger ? stranger : code);
  });
  request.once('close', () => {
    clearTimeout(connecting);
    // Such as after 101 Switching Protocols.
    if (!hasAnswer) fail('The connection was closed without an answer', 'CUT');
  });
  request.once('response', (response: IncomingMessage) => {
    hasAnswer = true;
    const parts: Buffer[] = [];
    response.on('data', (part: Buffer) => parts.push(part));
    response.on('error', () => undefined);
    response.once('close', () => {
      if (!response.complete) return fail('The connection was lost in the middle of an answer', 'CUT');
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) });
    });
  });
  request.end(body);
  return promise;
}
