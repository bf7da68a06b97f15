import type { DashboardConfig } from '@taskwire/config';
import type { Logger } from '@taskwire/runtime';
import type { FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';

export type Role = DashboardConfig['users'][string]['role'];

/** Who asks. */
export interface Visitor {
  name: string;
  role: Role;
}

declare module 'fastify' {
  interface FastifyRequest {
    visitor: Visitor | null;
  }
  interface FastifyContextConfig {
    /** Whether anybody may ask: the login page, health. Default: false. */
    open?: boolean;
    /** Who may ask. Default: viewer for GET and HEAD, operator for all else. */
    role?: Role;
  }
}

export interface AccessOptions {
  config: DashboardConfig;
  keyPrefix: string;
  redis: Redis;
  logger: Logger;
}

export async function registerAccess(server: FastifyInstance, _options: AccessOptions): Promise<void> {
  server.decorateRequest('visitor', null);
}
