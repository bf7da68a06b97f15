import type { HealthReport, InstallationStatus } from '@taskwire/monitoring';
import type { TaskQueue } from '@taskwire/queue';
import { publishCommand } from '@taskwire/redis';
import type { ServiceContext } from '@taskwire/service';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Redis } from 'ioredis';
import { registerPages } from '../pages/pages.ts';
import { registerJobLink } from './job-link.ts';
import { LiveStatus } from './live-status.ts';
import { registerLive } from './live-stream.ts';
import { sqlChoices } from './sql-choices.ts';
import { taskCatalogue } from './task-catalogue.ts';
import { sentenceFor } from './trouble.ts';

export interface OverviewOptions extends Pick<ServiceContext, 'config' | 'logger' | 'registry'> {
  queues: ReadonlyMap<string, TaskQueue>;
  redis: Redis;
  /** Reads the state of the installation. It may fail, or not answer at all, while Redis is away. */
  status: () => Promise<InstallationStatus>;
  /** The health of this process. */
  health?: () => HealthReport;
  /** Whether a visitor may still look: an open page asks every few seconds. */
  isStillWelcome: (request: FastifyRequest) => Promise<boolean>;
  /** How often that is asked of an open page. Default: 5000. */
  welcomeCheckMs?: number;
}

const LOG_OUT = { method: 'POST', url: '/logout' } as const;

/** The page at `/`, and what it asks for: the status, once or live, the task catalogue, who is logged in. */
export async function registerOverview(server: FastifyInstance, options: OverviewOptions): Promise<void> {
  const { config, logger, registry, status, isStillWelcome } = options;
  const explain = (error: unknown) => sentenceFor(error, config.redis, options.health?.().vitals.refusal);
  const live = new LiveStatus({ read: status, explain, logger });
  const catalogue = taskCatalogue(registry, config);

  // In its own scope: Bull Board serves its files with the same plug-in, which cannot be there twice.
  await server.register(async (scope) => {
    scope.addHook('onRequest', async (_request, reply) => {
      // After logout, no cache may bring back what a visitor has seen.
      reply.header('cache-control', 'no-store');
    });
    scope.get('/api/tasks', async () => catalogue);
    scope.get('/api/sql', () => sqlChoices(config.sql));
    scope.get('/api/me', async ({ visitor }) => ({
      // Without login, a visitor is nobody in particular.
      visitor: server.hasRoute(LOG_OUT) ? visitor : null,
      may_act: visitor !== null && visitor.role !== 'viewer',
      redis_cli: publishCommand(config.redis, 'REQUEST'),
    }));
    registerLive(scope, live, isStillWelcome, options.welcomeCheckMs);
    registerJobLink(scope, options);
    await registerPages(scope);
  });
}
