import type { WebConfig } from '@taskwire/config';
import type { Logger } from '@taskwire/service';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Redis } from 'ioredis';
import { accountsOf, type Role, type Visitor } from './accounts.ts';
import { createAttemptLimits } from './attempt-limits.ts';
import { createGuard } from './guard.ts';
import { createIdentify } from './identify.ts';
import { nextOf } from './login-form.ts';
import { registerLoginRoutes } from './login-routes.ts';
import { setSecurityHeaders } from './security-headers.ts';
import { createSessions } from './sessions.ts';
import { isSigned } from './signed-address.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null on a route that is open to anybody. */
    visitor: Visitor | null;
  }
  interface FastifyContextConfig {
    /** Whether anybody may ask: the login page, health. Default: false. */
    open?: boolean;
    /** Who may ask. Default: viewer for GET and HEAD, operator for all else. */
    role?: Role;
    /** Whether it keeps to the bounds of a token; a bound token may ask nothing else. Default: false. */
    bounded?: boolean;
    /** Whether a signed address opens it, for the task that it names as `taskId`. Default: false. */
    signed?: boolean;
  }
}

export interface AccessOptions {
  config: WebConfig;
  keyPrefix: string;
  redis: Redis;
  logger: Logger;
}

export interface Access {
  /** Whether a visitor who was let in may stay, for answers that never end. While Redis does not answer, they may. */
  isStillWelcome: (request: FastifyRequest) => Promise<boolean>;
}

/**
 * Makes every route of the server, also later ones, ask who it is: sets `request.visitor`, or refuses.
 *
 * @throws ConfigError when the settings would let anybody in, or nobody.
 */
export async function registerAccess(server: FastifyInstance, options: AccessOptions): Promise<Access> {
  const { config, keyPrefix, redis, logger } = options;
  const accounts = await accountsOf(config, logger);
  const sessions = createSessions({ redis, keyPrefix, hours: config.session_hours, logger });
  const identify = createIdentify(accounts, sessions, config);

  server.decorateRequest('visitor', null);
  setSecurityHeaders(server);
  const limits = await createAttemptLimits(server);
  server.addHook('onRequest', createGuard({ config, accounts, identify, limits }));
  await server.register(async (scope) => {
    if (accounts.login) {
      await registerLoginRoutes(scope, { config, accounts, sessions, identify, limits, logger });
    } else {
      // For bookmarks. The missing `/logout` tells other pages that there is no login.
      scope.get('/login', { config: { open: true } }, (request, reply) => reply.redirect(nextOf(request.query)));
    }
  });
  return {
    async isStillWelcome(request) {
      if (isSigned(request)) return true;
      const { status } = await identify(request);
      return status === 'known' || status === 'unavailable';
    },
  };
}

/**
 * Whose word about the client counts, for Fastify's option `trustProxy`: only the proxy that connects to us, if there is
 * one. The client may make up what is further left in X-Forwarded-For, to get round the limit of logins.
 */
export function trustedProxy({ trust_proxy }: WebConfig): false | ((address: string, hop: number) => boolean) {
  return trust_proxy && ((_address, hop) => hop === 0);
}
