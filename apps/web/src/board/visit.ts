import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Visitor } from '../access/accounts.ts';

/** One request to the board. Bull Board passes on neither Fastify's request nor who asks. */
interface Visit {
  visitor: Visitor | null;
  /** Jobs that were skipped when many were to be retried. */
  notRetried: number;
}

const visits = new AsyncLocalStorage<Visit>();
const visitors = new WeakMap<IncomingMessage, Visitor | null>();

/** Notes who asks, for the board's server, which sees only Node's request. */
export function beginVisit({ raw, visitor }: FastifyRequest): void {
  visitors.set(raw, visitor);
}

/** Tells all code that the routes of this server run who asks. */
export function rememberVisits(server: FastifyInstance): void {
  // The last hook before the handler: parsing a body would lose an earlier context.
  server.addHook('preHandler', ({ raw }, _reply, done) => {
    visits.run({ visitor: visitors.get(raw) ?? null, notRetried: 0 }, done);
  });
}

/** The current request; outside one, that of nobody, who may do nothing. */
export function currentVisit(): Visit {
  return visits.getStore() ?? { visitor: null, notRetried: 0 };
}
