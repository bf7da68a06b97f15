import { loadConfig, privateEnvironment } from '@taskwire/config';
import type { InstallationStatus } from '@taskwire/monitoring';
import { createLogger } from '@taskwire/service';
import { createRegistry } from '@taskwire/tasks';
import fastify, { type FastifyInstance } from 'fastify';
import { Redis } from 'ioredis';
import { type OverviewOptions, registerOverview } from '../src/overview/overview.ts';
import { statusWith } from './overview-fixtures.ts';

export interface OverviewServer extends AsyncDisposable {
  url: string;
  server: FastifyInstance;
  /** What the next readings give. */
  status: InstallationStatus | Error;
  /** How often the status was read. */
  readings: number;
}

export interface OverviewServerOptions extends Partial<OverviewOptions> {
  /** Called before the overview is registered. */
  prepare?: (server: FastifyInstance) => void | Promise<void>;
  /** Default: any that is free. */
  port?: number;
}

/** Stricter than the dashboard's own, which has to allow Bull Board its style attributes. */
const POLICY = "default-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'";

/** The overview over HTTP, of an installation that a test makes up. */
export async function startOverview({
  prepare,
  port = 0,
  ...options
}: OverviewServerOptions = {}): Promise<OverviewServer> {
  const config = options.config ?? loadConfig({ env: privateEnvironment({}) });
  const registry = await createRegistry([]);
  const redis = new Redis({ lazyConnect: true });
  const server = fastify({ forceCloseConnections: true, routerOptions: { maxParamLength: 128 } });
  server.decorateRequest('visitor', null);
  server.addHook('onRequest', async (_request, reply) => {
    reply.header('content-security-policy', POLICY);
  });
  await prepare?.(server);
  const started: OverviewServer = {
    url: '',
    server,
    status: statusWith(),
    readings: 0,
    async [Symbol.asyncDispose]() {
      await server.close();
      redis.disconnect();
    },
  };
  await registerOverview(server, {
    config,
    registry,
    redis,
    queues: new Map(),
    welcomeCheckMs: 200,
    logger: createLogger({ service: 'web', level: 'silent' }),
    status: async () => {
      started.readings += 1;
      if (started.status instanceof Error) throw started.status;
      return started.status;
    },
    isStillWelcome: async () => true,
    ...options,
  });
  started.url = await server.listen({ host: '127.0.0.1', port });
  return started;
}
