import type { Config } from '@taskwire/config';
import type { Logger } from '@taskwire/service';
import type { FastifyInstance } from 'fastify';
import type { Redis } from 'ioredis';
import { Problem, problemOf, sendProblem } from './problem.ts';

export interface ApiScopeOptions {
  config: Pick<Config, 'processor'>;
  logger: Logger;
  /** The connection of the queues. */
  redis: Redis;
}

/** Makes a scope take JSON as bytes, since our own decoding keeps the digits of numbers, and answer every fault as a problem. */
export function prepareScope(scope: FastifyInstance, { config, logger, redis }: ApiScopeOptions): void {
  scope.removeAllContentTypeParsers();
  const bodies = { parseAs: 'buffer', bodyLimit: config.processor.max_message_bytes } as const;
  scope.addContentTypeParser('application/json', bodies, (_request, body, done) => done(null, body));
  scope.setErrorHandler((error, _request, reply) => sendProblem(reply, loggedProblem(error, logger)));
  scope.addHook('preHandler', (_request, _reply, done) => {
    // BullMQ would wait for its connection, however long Redis stays away.
    if (redis.status === 'ready') done();
    else redis.ping().then(() => done(), done);
  });
}

/** What is told of a fault; of one that nobody expects, the log says more. */
export function loggedProblem(error: unknown, logger: Logger): Problem {
  const problem = problemOf(error);
  if (!problem) logger.error({ err: error }, 'the HTTP API failed');
  return problem ?? new Problem(500, { detail: 'Something is wrong here; the log says what.' });
}
