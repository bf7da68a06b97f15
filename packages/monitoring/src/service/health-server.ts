import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Registry } from '../metrics/prom-client.ts';
import type { ServiceMetrics } from '../metrics/service-metrics.ts';
import { answerHealth, type HealthReport } from './vitals.ts';

export interface HealthServerOptions {
  host: string;
  port: number;
  report: () => HealthReport;
  metrics: ServiceMetrics;
}

/** Serves `/healthz`, `/readyz` and `/metrics` of one process. @throws the error of Node when it cannot listen, as EADDRINUSE. */
export async function serveHealth({ host, port, report, metrics }: HealthServerOptions): Promise<Disposable> {
  // Importing it at the top reads all that it exports, of which WebSocket loads undici: a twentieth of the start.
  const { createServer } = await import('node:http');
  const registry = Registry.merge([metrics.registry, metrics.processRegistry()]);
  const server = createServer((request, response) => void answer(request, response));
  server.listen(port, host);
  await once(server, 'listening');
  return {
    [Symbol.dispose]() {
      server.closeAllConnections();
      server.close();
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
    } else if (path === '/metrics') {
      response.writeHead(200, { 'content-type': registry.contentType }).end(await registry.metrics());
    } else if (path === '/healthz' || path === '/readyz') {
      const { status, body } = answerHealth(path, report());
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    } else {
      response.writeHead(404).end('There are /healthz, /readyz and /metrics here\n');
    }
  }
}
