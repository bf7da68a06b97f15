import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyInstance } from 'fastify';
import type { Visitor } from '../access/accounts.ts';

/** One request to the board. Bull Board hands neither Fastify's request on nor who asks. */
interface Visit {
  visitor: Visitor | null;
  /** Jobs that were passed over when many were to be retried. */
  notRetried: number;
}

const visits = new AsyncLocalStorage<Visit>();

/** Has all that the routes of this scope do know who asks. */
export function rememberVisits(scope: FastifyInstance): void {
  // The last hook before the handler: parsing a body, before, would lose the context.
  scope.addHook('preHandler', ({ visitor }, _reply, done) => visits.run({ visitor, notRetried: 0 }, done));
}

/** The request under way; outside of requests nobody's, who may do nothing. */
export function currentVisit(): Visit {
  return visits.getStore() ?? { visitor: null, notRetried: 0 };
}
