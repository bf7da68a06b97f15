import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { SparkAddress } from '@taskwire/testing/spark';

/** What happens to a call on its way: its answer is lost, it does not arrive, it is never answered, it takes longer. */
export type PathFault = 'lost' | 'refused' | 'unanswered' | 'late' | 'cut short' | 502 | 503;

export interface FaultyPath extends AsyncDisposable {
  readonly port: number;
  /** The names of the calls that came. */
  readonly calls: string[];
  /** What becomes of the next call of this name. */
  fault: (name: string) => PathFault | undefined;
}

const LATE_MS = 1500;

/** Passes calls on to a Spark, over HTTP in the clear, with faults. */
export async function startFaultyPath({ port, httpPath, certificate }: SparkAddress): Promise<FaultyPath> {
  const calls: string[] = [];
  const server = createServer((incoming, response) => void pass(incoming, response).catch(() => response.destroy()));
  const path: FaultyPath = {
    get port() {
      return (server.address() as AddressInfo).port;
    },
    calls,
    fault: () => undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };

  async function pass(incoming: IncomingMessage, response: ServerResponse) {
    const body = await bytesOf(incoming);
    const name = body.toString('utf8', 8, 8 + body.readInt32BE(4));
    calls.push(name);
    const fault = path.fault(name);
    if (fault === 'refused') return response.destroy();
    if (fault === 'unanswered') return;
    if (typeof fault === 'number') return response.writeHead(fault).end();
    const { authorization = '' } = incoming.headers;
    const headers = { authorization, 'content-type': 'application/x-thrift', 'content-length': body.length };
    const onward = request(`https://localhost:${port}${httpPath}`, { method: 'POST', headers, ca: certificate }).end(
      body,
    );
    const [answer] = (await once(onward, 'response')) as [IncomingMessage];
    const bytes = await bytesOf(answer);
    if (fault === 'lost') return response.destroy();
    if (fault === 'late') await delay(LATE_MS);
    response.writeHead(answer.statusCode ?? 0, {
      'content-type': 'application/x-thrift',
      'content-length': bytes.length,
    });
    if (fault === 'cut short') return response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
    return response.end(bytes);
  }

  await once(server.listen(0, '127.0.0.1'), 'listening');
  return path;
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return Buffer.concat(parts);
}
