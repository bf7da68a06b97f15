import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Registry } from 'prom-client';
import type { ServiceMetrics } from '../metrics/service-metrics.ts';
import { answerHealth, type HealthReport } from './vitals.ts';

export interface HealthServerOptions {
  host: string;
  port: number;
  report: () => HealthReport;
  metrics: ServiceMetrics;
}

/** `/healthz`, `/readyz` and `/metrics` of one process. */
export class HealthServer implements AsyncDisposable {
  readonly #options: HealthServerOptions;
  readonly #server: Server;

  constructor(options: HealthServerOptions) {
    this.#options = options;
    const registry = Registry.merge([options.metrics.registry, options.metrics.processRegistry()]);
    this.#server = createServer((request, response) => void this.#answer(request, response, registry));
  }

  /** Resolves when it listens. @throws the error of Node when it cannot, as EADDRINUSE. */
  async start(): Promise<void> {
    const { host, port } = this.#options;
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse, registry: Registry): Promise<void> {
    const path = request.url?.split('?')[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
    } else if (path === '/metrics') {
      response.writeHead(200, { 'content-type': registry.contentType }).end(await registry.metrics());
    } else if (path === '/healthz' || path === '/readyz') {
      const { status, body } = answerHealth(path, this.#options.report());
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    } else {
      response.writeHead(404).end('There are /healthz, /readyz and /metrics here\n');
    }
  }
}
