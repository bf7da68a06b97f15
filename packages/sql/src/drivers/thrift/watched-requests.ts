import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

interface Watch {
  connectTimeoutMs: number;
  fail: (error: Error) => void;
}

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
  request.once('response', (response: IncomingMessage) => {
    response.once('close', () => {
      if (!response.complete) fail(networkError('The connection was lost in the middle of an answer', 'ECONNRESET'));
    });
  });
}

function networkError(message: string, code: string): Error {
  return Object.assign(new Error(message), { code });
}
