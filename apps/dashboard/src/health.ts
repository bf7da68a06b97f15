import { answerHealth, type HealthReport, type StatusReader, writeInstallationMetrics } from '@taskwire/monitoring';
import type { FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';

export interface HealthOptions {
  report: () => HealthReport;
  reader: StatusReader;
  redis: Redis;
  keyPrefix: string;
}

/** `/healthz` and `/readyz` of the dashboard itself, and `/metrics` of the whole installation. */
export function registerHealth(server: FastifyInstance, { report, reader, redis, keyPrefix }: HealthOptions): void {
  for (const path of ['/healthz', '/readyz'] as const) {
    // Open: what asks is a container engine, and learns nothing of tasks.
    server.get(path, { config: { open: true } }, async (_request, reply) => {
      const { status, body } = answerHealth(path, report());
      return reply.code(status).send(body);
    });
  }
  server.get('/metrics', async (_request, reply) => {
    const text = await writeInstallationMetrics({ redis, keyPrefix, status: await reader.read() });
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(text);
  });
}
