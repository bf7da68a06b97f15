import { isRefusal, taskIdSchema } from '@taskwire/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Visitor } from '../access/accounts.ts';
import { whyOutside } from '../access/bounds.ts';
import { goneSignal, nameOf, sendJson, waitOf } from './answers.ts';
import { NO_ROOM, Problem, refusal, unavailable } from './problem.ts';
import { addressOf } from './submit-route.ts';
import type { RetryOutcome, TaskControl } from './task-control.ts';
import type { KnownTask, TaskReader } from './task-reader.ts';
import type { WaitForResult } from './wait-for-result.ts';

export interface TaskRoutesOptions {
  reader: TaskReader;
  control: TaskControl;
  waitForResult: WaitForResult;
}

export interface OfTask {
  Params: { taskId: string };
}

/** One task: where it is, its result, cancel and retry. */
export function registerTask(scope: FastifyInstance, { reader, control, waitForResult }: TaskRoutesOptions): void {
  const seen = { config: { bounded: true } };
  const bySignature = { config: { bounded: true, signed: true } };

  scope.get<OfTask>('/tasks/:taskId', seen, async (request, reply) => {
    const task = await knownTask(reader, request);
    // The result goes out as it is, with all its digits.
    return sendJson(reply, `${documentOf(task, request).slice(0, -1)},"result":${task.result}}`);
  });

  scope.get<OfTask & { Querystring: { wait?: string } }>(
    '/tasks/:taskId/result',
    bySignature,
    async (request, reply) => {
      const { taskId } = request.params;
      const waitS = waitOf(request.query.wait);
      const { result: known } = await knownTask(reader, request);
      const result = known ?? (await waitForResult(taskId, waitS, goneSignal(reply)));
      if (result !== null) return sendJson(reply, result);
      const { status, ended_at } = await knownTask(reader, request);
      if (ended_at !== null) throw new Problem(404, { detail: NOT_KEPT, code: 'result_not_kept' });
      return sendJson(reply.code(202), JSON.stringify({ task_id: taskId, status }));
    },
  );

  scope.delete<OfTask>('/tasks/:taskId', { config: { role: 'publisher', bounded: true } }, async (request, reply) => {
    const { task_id } = await knownTask(reader, request);
    const { status } = await control.cancel(task_id, nameOf(request));
    switch (status) {
      case 'asked':
        return sendJson(reply.code(202), JSON.stringify({ task_id, status: 'cancelling' }));
      case 'ended':
        throw new Problem(409, { detail: 'The task has ended; there is nothing to cancel.', code: 'task_ended' });
      default:
        throw otherwise(status, task_id);
    }
  });

  scope.post<OfTask>(
    '/tasks/:taskId/retry',
    { config: { role: 'operator', bounded: true } },
    async (request, reply) => {
      const { task_id } = await knownTask(reader, request);
      const outcome = await control.retry(task_id, nameOf(request));
      if (!('taskId' in outcome)) throw problemOfRetry(outcome, task_id);
      const { taskId, status } = outcome;
      const body = JSON.stringify({ task_id: taskId, task: status });
      return sendJson(reply.code(202).header('location', addressOf(taskId)), body);
    },
  );
}

const NOT_KEPT =
  'The task has ended, but its result is no longer kept (results.ttl_seconds, and 8 KiB in the history).';

/** The task that the address names, if who asks may see it. @throws Problem */
export async function knownTask(reader: TaskReader, request: FastifyRequest): Promise<KnownTask> {
  const { taskId } = request.params as OfTask['Params'];
  const task = taskIdSchema.safeParse(taskId).success ? await reader.read(taskId) : undefined;
  if (!task || whyOutside(request.visitor?.bounds, task) !== undefined) throw unknownTask(taskId);
  return task;
}

/** What is known of a task apart from its result, and what who asks may do with it: JSON. */
export function documentOf({ result: _, ...task }: KnownTask, { visitor }: FastifyRequest): string {
  return JSON.stringify({ ...task, may: mayOf(task, visitor) });
}

function mayOf(task: Pick<KnownTask, 'status' | 'error_code' | 'attempts'>, visitor: Visitor | null) {
  const hasEnded = task.status === 'completed' || task.status === 'error';
  const role = visitor?.role ?? 'viewer';
  const wasTask = !isRefusal(task);
  return { cancel: !hasEnded && role !== 'viewer', retry: hasEnded && wasTask && role === 'operator' };
}

function problemOfRetry(outcome: Exclude<RetryOutcome, { taskId: string }>, taskId: string): Problem {
  switch (outcome.status) {
    case 'not_ended':
      return new Problem(409, { detail: 'The task has not ended yet; cancel it first.', code: 'task_not_ended' });
    case 'retried':
      return new Problem(409, {
        detail: `It was retried already, as ${outcome.as}; you can retry that one.`,
        code: 'task_retried',
      });
    case 'not_kept':
      return new Problem(409, {
        detail: `${outcome.why} Ask for it anew, with POST /tasks.`,
        code: 'request_not_kept',
      });
    case 'refused':
      return refusal(outcome.rejection);
    default:
      return otherwise(outcome.status, taskId);
  }
}

function otherwise(status: 'unknown' | 'no_room' | 'unavailable', taskId: string): Problem {
  if (status === 'unknown') return unknownTask(taskId);
  return status === 'no_room' ? NO_ROOM : unavailable();
}

function unknownTask(taskId: string): Problem {
  return new Problem(404, { detail: `There is no task ${taskId}, or none any more.`, code: 'unknown_task' });
}
