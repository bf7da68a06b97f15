import type { JsonObject } from '@taskwire/protocol';
import type { TaskContext, TaskHandler } from '@taskwire/tasks';
import { type AttemptOutcome, failed } from './attempt.ts';
import { checkParameters } from './check-parameters.ts';
import { failureOf, invalidResult } from './failure-of.ts';
import type { RunnableTask } from './runnable-tasks.ts';

/** Runs a handler in this process, with parameters as they came. Never throws. */
export async function runHere(
  { definition, handler }: RunnableTask,
  { parameters, ...context }: TaskContext<unknown>,
): Promise<AttemptOutcome> {
  const checked = checkParameters(definition, parameters);
  if (checked.status === 'invalid') return failed(checked.failure);
  try {
    const returned = await (handler as TaskHandler<object>)({ ...context, parameters: checked.parameters });
    const result = definition.result.safeParse(returned);
    if (!result.success) return failed(invalidResult(definition, result.error));
    return { status: 'completed', result: result.data as JsonObject };
  } catch (thrown) {
    return failed(failureOf(thrown));
  }
}
