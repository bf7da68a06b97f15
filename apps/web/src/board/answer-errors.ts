import type { ControllerHandlerReturnType } from '@bull-board/api/typings/app';
import type { Config } from '@taskwire/config';
import { NotRetriedError } from '@taskwire/queue';
import { addressOf, isRedisFault, RedisUnavailableError } from '@taskwire/redis';
import type { Logger } from '@taskwire/service';
import { showText } from '@taskwire/tasks/masking';
import type { FastifyError } from 'fastify';
import { BoardError, errorBody } from './board-error.ts';

/** For Bull Board: turns any error into an answer that its pages show. */
export function answerErrors(options: { config: Config; logger: Logger }): (error: Error) => Answer {
  const { config, logger } = options;
  const redisAway: Answer = answer(503, {
    title: 'Redis does not answer',
    message: `Redis at ${addressOf(config.redis)} is out of reach. What was asked for may or may not have been done.`,
    code: 'redis_unavailable',
  });
  return (error) => {
    if (error instanceof BoardError) return answer(error.statusCode, error);
    if (error instanceof NotRetriedError) {
      return answer(409, { title: 'The job was not retried', message: error.message, code: error.code });
    }
    // The job has changed since it was read; BullMQ says so by a number below zero.
    if (isOvertaken(error)) return answer(409, { title: 'Too late', message: error.message, code: 'state_changed' });
    const isAway = isRedisFault(error) || error instanceof RedisUnavailableError;
    const status = (error as FastifyError).statusCode ?? 500;
    if (isAway || status >= 500) logger.warn({ err: error }, 'a request to the board failed');
    if (isAway) return redisAway;
    return answer(status, { title: 'This did not work', message: showText(error.message), code: 'failed' });
  };
}

function isOvertaken(error: Error & { code?: unknown }): boolean {
  return typeof error.code === 'number' && error.code < 0;
}

type Answer = ControllerHandlerReturnType;

function answer(status: number, error: Parameters<typeof errorBody>[0]): Answer {
  // Bull Board's types name only the statuses that it uses itself.
  return { status: status as 500, body: errorBody(error) };
}
