import { type JsonObject, newTaskId } from '@taskwire/protocol';
import { inArguments, sayError, sayUnknown } from '../answers/answer.ts';
import { resultAnswer } from '../answers/result-answer.ts';
import { sharedId } from './shared-id.ts';
import { sqlParameters } from './sql-parameters.ts';
import { type CallContext, type Called, GoesOn } from './tool.ts';

/** Asks for a task, and waits a moment for its result, of which it makes the answer. */
export async function askForTask(
  type: string,
  given: JsonObject,
  context: CallContext,
  answer: typeof resultAnswer = resultAnswer,
): Promise<Called> {
  const { desk, settings, explain, client, atOnce } = context;
  const isSql = type === 'sql_query';
  const asked = isSql
    ? await sqlParameters(given, context)
    : { status: 'fine' as const, parameters: given, shareMs: 0 };
  if (asked.status === 'refused') return sayError(asked.why);
  const { parameters, shareMs } = asked;
  const task_id = (await sharedId(parameters, { ...context, shareMs })) ?? newTaskId();
  const metadata = { via: 'mcp', ...(client !== undefined && { client }) };
  const request = { task_id, task_type: type, parameters, metadata, ...(isSql && { timeout_ms: settings.timeout_ms }) };
  using _watched = context.watch(task_id);
  try {
    const submitted = await desk.submit(request, atOnce ? 0 : settings.wait_ms);
    if (submitted.status === 'refused') return sayError(inArguments(submitted.why));
    if (submitted.status === 'ended' && !atOnce) {
      const query = typeof parameters.query === 'string' ? parameters.query : undefined;
      return answer(submitted.result, { maxTokens: settings.max_tokens, query });
    }
    const task = await desk.look(task_id);
    return task ? new GoesOn(task) : sayUnknown(task_id);
  } catch (error) {
    const why = await explain(error);
    return sayError(
      `${why}\ntask_id: ${task_id}\nIt may run all the same: ask get_result before you ask for it again.`,
    );
  }
}
