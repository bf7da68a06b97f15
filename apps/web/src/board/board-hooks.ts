import type { BeforeHookResult, BoardHooks, ControllerHandlerReturnType } from '@bull-board/api/typings/app';
import type { Logger } from '@taskwire/service';
import { whyRefused } from './actions.ts';
import { currentVisit } from './visit.ts';

/** Who may do what on the board, and what its pages learn about that. */
export function boardHooks(logger: Logger): Required<BoardHooks> {
  return {
    before: ({ method, route }) => (method === 'get' ? undefined : refusalOf(route)),
    after: ({ method, route, request }, result) => {
      if (method !== 'get' && (result.status ?? 200) < 400) {
        logger.info({ by: currentVisit().visitor?.name, route, ...request.params }, 'done on the board');
      }
      if (route === '/api/queues' && method === 'get' && !mayChange()) return withoutButtons(result);
      if (route === '/api/queues/:queueName/retry/:queueStatus') return withPassedOver(result);
      return result;
    },
  };
}

// The access layer has already refused viewers; this is a second lock on the same door.
function refusalOf(route: string): BeforeHookResult {
  if (!mayChange()) return refused(403, 'Only an operator may do this; you may look.');
  const why = whyRefused(route);
  return why === undefined ? undefined : refused(405, why);
}

function refused(status: 403 | 405, message: string): BeforeHookResult {
  return { allow: false, status, message };
}

function mayChange(): boolean {
  return currentVisit().visitor?.role === 'operator';
}

/** The queues as a read-only board shows them: no button that does not work. */
function withoutButtons(result: ControllerHandlerReturnType): ControllerHandlerReturnType {
  const { queues } = result.body as { queues: object[] };
  const flags = { readOnlyMode: true, allowRetries: false, allowCompletedRetries: false };
  return { ...result, body: { queues: queues.map((queue) => ({ ...queue, ...flags })) } };
}

/** Bull Board counts every job as retried that did not make the whole request fail. */
function withPassedOver(result: ControllerHandlerReturnType): ControllerHandlerReturnType {
  const { notRetried } = currentVisit();
  const body = result.body as { retried?: number; skipped?: number };
  if (notRetried === 0 || body.retried === undefined) return result;
  const { retried, skipped = 0 } = body;
  return { ...result, body: { retried: retried - notRetried, skipped: skipped + notRetried } };
}
