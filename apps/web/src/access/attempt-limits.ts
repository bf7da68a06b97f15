import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { loginFormOf } from './login-form.ts';

/** Counts an attempt. Gives the seconds to wait when there were too many, else undefined. */
export type AttemptLimit = (request: FastifyRequest) => Promise<number | undefined>;

export interface AttemptLimits {
  /** Logins from one client address. */
  loginsByAddress: AttemptLimit;
  /** Logins as one user, from any address; for requests whose body is a login form. */
  loginsByName: AttemptLimit;
  /** Wrong bearer tokens from one client address. */
  wrongTokens: AttemptLimit;
}

const MINUTE_MS = 60_000;

/** Limits against guessing, counted in this process. */
export async function createAttemptLimits(server: FastifyInstance): Promise<AttemptLimits> {
  await server.register(rateLimit, { global: false });
  const limit = (...options: Parameters<FastifyInstance['createRateLimit']>): AttemptLimit => {
    const count = server.createRateLimit(...options);
    return async (request) => {
      const counted = await count(request);
      return !counted.isAllowed && counted.isExceeded ? counted.ttlInSeconds : undefined;
    };
  };
  return {
    loginsByAddress: limit({ max: 10, timeWindow: MINUTE_MS }),
    // More than one address may, so that a single machine cannot quickly shut a user out.
    loginsByName: limit({
      max: 30,
      timeWindow: 5 * MINUTE_MS,
      keyGenerator: ({ body }) => loginFormOf(body)?.username ?? '',
    }),
    wrongTokens: limit({ max: 10, timeWindow: MINUTE_MS }),
  };
}
