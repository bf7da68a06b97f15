import { answerHealth, writeInstallationMetrics } from '@taskwire/monitoring';
import type { StatusReader } from '@taskwire/monitoring/status';
import type { ServiceContext } from '@taskwire/service';
import type { FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import { sentenceFor } from './overview/trouble.ts';

/** `/healthz` and `/readyz` of the dashboard itself, and `/metrics` of the whole installation. */
export function registerHealth(
  server: FastifyInstance,
  { health, config, reader, redis }: Pick<ServiceContext, 'health' | 'config'> & { reader: StatusReader; redis: Redis },
): void {
  for (const path of ['/healthz', '/readyz'] as const) {
    // Open: container engines ask, and learn nothing about tasks.
    server.get(path, { config: { open: true } }, async (_request, reply) => {
      const { status, body } = answerHealth(path, health());
      return reply.code(status).send(body);
    });
  }
  server.get('/metrics', async (_request, reply) => {
    try {
      const text = await writeInstallationMetrics(redis, config.redis.key_prefix, await reader.read());
      return reply.type('text/plain; version=0.0.4; charset=utf-8').send(text);
    } catch (error) {
      return reply.code(503).type('text/plain; charset=utf-8').send(sentenceFor(error, config.redis));
    }
  });
}
