import type { JsonObject } from '@taskwire/protocol';
import { HandOver, type KeepCheckpoint, keepingCheckpoints, type TaskContext, type TaskHandler } from '@taskwire/tasks';
import { type AttemptOutcome, failed } from './attempt.ts';
import { checkParameters } from './check-parameters.ts';
import { failureOf, invalidResult } from './failure-of.ts';
import type { RunnableTask } from './runnable-tasks.ts';

export interface RunHereContext extends TaskContext<unknown> {
  keep: KeepCheckpoint;
}

/** Runs a handler in this process, with parameters as they came. Never throws. */
export async function runHere(
  { definition, handler }: RunnableTask,
  { parameters, keep, ...context }: RunHereContext,
): Promise<AttemptOutcome> {
  const checked = checkParameters(definition, parameters);
  if (checked.status === 'invalid') return failed(checked.failure);
  try {
    const handle = handler as TaskHandler<object>;
    const returned = await keepingCheckpoints(keep, () => handle({ ...context, parameters: checked.parameters }));
    const result = definition.result.safeParse(returned);
    if (!result.success) return failed(invalidResult(definition, result.error));
    return { status: 'completed', result: result.data as JsonObject };
  } catch (thrown) {
    if (thrown instanceof HandOver) return { status: 'returned' };
    return failed(failureOf(thrown));
  }
}
