import type { ControllerHandlerReturnType } from '@bull-board/api/typings/app';
import { isRedisFault } from '@taskwire/redis';
import type { Logger } from '@taskwire/runtime';
import type { FastifyError } from 'fastify';
import { BoardError, errorBody } from './board-error.ts';
import { showText } from './show/show-text.ts';

/** For Bull Board: turns whatever was thrown into an answer that its pages show. */
export function answerErrors(logger: Logger): (error: Error) => ControllerHandlerReturnType {
  return (error) => {
    if (error instanceof BoardError) return answer(error.statusCode, error);
    // Bull Board's types name the few statuses that it uses itself.
    const status = isRedisFault(error) ? 503 : ((error as FastifyError).statusCode ?? 500);
    if (status >= 500) logger.warn({ err: error }, 'a request to the board failed');
    const { title, code } = status === 503 ? AWAY : FAILED;
    return answer(status, new BoardError({ status: 503, title, message: showText(error.message), code }));
  };
}

const AWAY = { title: 'Redis does not answer', code: 'redis_unavailable' };
const FAILED = { title: 'This did not work', code: 'failed' };

function answer(status: number, error: BoardError): ControllerHandlerReturnType {
  return { status: status as 500, body: errorBody(error) };
}
