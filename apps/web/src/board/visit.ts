import { AsyncLocalStorage } from 'node:async_hooks';
import type { FastifyInstance } from 'fastify';
import type { Visitor } from '../access/accounts.ts';

/** One request to the board. Bull Board passes on neither Fastify's request nor who asks. */
interface Visit {
  visitor: Visitor | null;
  /** Jobs that were skipped when many were to be retried. */
  notRetried: number;
}

const visits = new AsyncLocalStorage<Visit>();

/** Tells all code that the routes of this scope run who asks. */
export function rememberVisits(scope: FastifyInstance): void {
  // The last hook before the handler: parsing a body would lose an earlier context.
  scope.addHook('preHandler', ({ visitor }, _reply, done) => visits.run({ visitor, notRetried: 0 }, done));
}

/** The current request; outside one, that of nobody, who may do nothing. */
export function currentVisit(): Visit {
  return visits.getStore() ?? { visitor: null, notRetried: 0 };
}
