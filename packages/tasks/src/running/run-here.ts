import type { JsonObject } from '@taskwire/protocol';
import { keepingCheckpoints } from '../checkpoint.ts';
import type { TaskDefinition } from '../define-task.ts';
import { HandOver } from '../hand-over.ts';
import type { TaskHandler } from '../handler.ts';
import { checkParameters } from './check-parameters.ts';
import { failed, type HandlerOutcome } from './failure.ts';
import { failureOf, invalidResult } from './failure-of.ts';
import { type AttemptHost, HandlerContext } from './handler-context.ts';

/** Runs a handler in this process. Never throws. */
export async function runHere(
  { definition, handler }: { definition: TaskDefinition; handler: TaskHandler },
  host: AttemptHost,
): Promise<HandlerOutcome> {
  const checked = checkParameters(definition, host.parameters);
  if (checked.status === 'invalid') return failed(checked.failure);
  try {
    const handle = handler as TaskHandler<object>;
    const context = new HandlerContext(host, checked.parameters);
    const returned = await keepingCheckpoints(host.keep, () => handle(context));
    const result = definition.result.safeParse(returned);
    if (!result.success) return failed(invalidResult(definition, result.error));
    return { status: 'completed', result: result.data as JsonObject };
  } catch (thrown) {
    if (thrown instanceof HandOver) return { status: 'returned' };
    return failed(failureOf(thrown));
  }
}
