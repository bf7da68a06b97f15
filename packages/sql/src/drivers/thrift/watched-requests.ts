import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

interface Watch {
  connectTimeoutMs: number;
  fail: (error: Error) => void;
}

type SocketError = Error & { code?: string; rawPacket?: Buffer };

const TLS_ALERT = 0x15;
const THRIFT_VERSION = 0x80;

const watches = new AsyncLocalStorage<Watch>();

subscribe('http.client.request.start', (message) => {
  const watch = watches.getStore();
  if (watch) watchRequest((message as { request: ClientRequest }).request, watch);
});

/**
 * Does work that makes HTTP requests, and rejects when one of them cannot connect in time, or loses its connection before
 * the answer is whole.
 *
 * For libraries that do neither: `node-fetch` 2 waits for the rest of an answer whose connection is gone until its timeout
 * of 15 minutes, unless the answer is chunked.
 */
export async function watched<T>(connectTimeoutMs: number, work: () => Promise<T>): Promise<T> {
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  failed.catch(() => undefined);
  return Promise.race([watches.run({ connectTimeoutMs, fail }, work), failed]);
}

function watchRequest(request: ClientRequest, { connectTimeoutMs, fail }: Watch): void {
  const limit = (socket: Socket) => {
    if (request.reusedSocket) return;
    const timer = setTimeout(
      () => request.destroy(networkError('No connection in time', 'ETIMEDOUT')),
      connectTimeoutMs,
    );
    for (const event of ['secureConnect', 'close', 'error']) socket.once(event, () => clearTimeout(timer));
  };
  if (request.socket) limit(request.socket);
  else request.once('socket', limit);
  request.once('error', ({ message, code = '', rawPacket }: SocketError) => {
    // A server of binary Thrift closes when it sees a request.
    const isStranger = code.startsWith('HPE_') || (code === 'ECONNRESET' && !request.reusedSocket);
    if (isStranger) fail(networkError(message, rawPacket?.[0] === TLS_ALERT ? 'NO_PLAIN_HTTP' : 'NO_HTTP'));
  });
  request.once('response', (response: IncomingMessage) => {
    if (isCall(request) && response.statusCode === 200) expectThrift(response, fail);
    response.once('close', () => {
      if (!response.complete) fail(networkError('The connection was lost in the middle of an answer', 'ECONNRESET'));
    });
  });
}

function isCall(request: ClientRequest): boolean {
  return String(request.getHeader('content-type')) === 'application/x-thrift';
}

/** The library waits for the rest of an answer that is not Thrift, such as a page, until its timeout. */
function expectThrift(response: IncomingMessage, fail: Watch['fail']): void {
  let isReadable = response.headers['content-encoding'] !== undefined;
  response.once('data', (part: Buffer) => {
    isReadable ||= part[0] === THRIFT_VERSION;
  });
  response.once('end', () => isReadable || fail(networkError('The answer is not Thrift', 'NO_THRIFT')));
}

function networkError(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
