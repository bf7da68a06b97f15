import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fault } from './faults.ts';

/** The body of a request. */
export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Answers without content; `message` travels in the header that the real server uses for it. */
export function refuse(response: ServerResponse, status: number, message?: string, retryAfterSeconds?: number): void {
  response.writeHead(status, {
    ...(message !== undefined && { 'x-thriftserver-error-message': message }),
    ...(retryAfterSeconds !== undefined && { 'retry-after': String(retryAfterSeconds) }),
    'content-length': 0,
  });
  response.end();
}

/** Answers with bytes, or as the fault says: broken off, or not at all. */
export function deliver(response: ServerResponse, bytes: Buffer, type: string, fault: Fault | undefined): void {
  if (fault?.kind === 'reset') {
    response.socket?.destroy();
    return;
  }
  const chunked = fault?.kind === 'cut' && fault.chunked;
  response.writeHead(200, { 'content-type': type, ...(!chunked && { 'content-length': bytes.length }) });
  if (fault?.kind === 'cut') {
    response.write(bytes.subarray(0, bytes.length >> 1), () => response.socket?.destroy());
    return;
  }
  response.end(bytes);
}

/** Answers in JSON. */
export function sendJson(response: ServerResponse, { status, body }: { status: number; body: object }): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
