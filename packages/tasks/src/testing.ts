import type { ErrorCode, ErrorDetail, JsonObject, JsonValue, RequestInput } from '@taskwire/protocol';
import type { z } from 'zod';
import type { TaskDefinition } from './define-task.ts';
import type { HandlerOf, TaskHandler } from './handler.ts';
import { checkpointText, furtherTasks, type HandlerOutcome, type LogLine, notJson, runHere } from './running/index.ts';

export interface RunTaskOptions {
  /** Which attempt it is. Default: 1, the first. */
  attempt?: number;
  /** Default: `test`. */
  taskId?: string;
  /** Default: null. */
  userId?: string | number | null;
  /** Default: `{}`. */
  metadata?: JsonObject;
  /** Aborted like that of a worker. Default: never. */
  signal?: AbortSignal;
  /** What an earlier attempt has left. Default: nothing. */
  checkpoint?: JsonValue;
}

/**
 * How the attempt ended. `failed` is the end of the task, `retry` is a failure after which a worker makes another attempt, and
 * `returned` is a `HandOver` that the handler threw.
 */
export type TaskEnd<Result> =
  | { status: 'completed'; result: Result }
  | { status: 'failed' | 'retry'; error: string; error_code: ErrorCode; error_details?: ErrorDetail[]; cause?: unknown }
  | { status: 'returned' };

/** What the handler did meanwhile. */
export interface TaskDeeds {
  progress: { progress: number; message?: string }[];
  logs: LogLine[];
  checkpoints: JsonValue[];
  /** The requests of further tasks, with their ids. */
  submitted: (RequestInput & { task_id: string })[];
}

/**
 * Runs one attempt of a task for a test, as a worker would: parameters and result are checked, and travel as JSON. Only the time limit is
 * left to the test. It needs no Redis, and never rejects because of the handler.
 */
export async function runTask<D extends TaskDefinition>(
  task: D,
  handler: HandlerOf<D>,
  parameters: z.input<D['parameters']>,
  options: RunTaskOptions = {},
): Promise<TaskEnd<z.output<D['result']>> & TaskDeeds> {
  const { taskId = 'test', userId = null, metadata = {}, attempt = 1, signal = new AbortController().signal } = options;
  const deeds: TaskDeeds = { progress: [], logs: [], checkpoints: [], submitted: [] };
  const outcome = await runHere(
    { definition: task, handler: handler as TaskHandler },
    {
      taskId,
      userId,
      metadata,
      parameters: JSON.parse(JSON.stringify(parameters)),
      attempt,
      timeoutMs: task.timeoutMs,
      signal,
      checkpoint: options.checkpoint,
      progress: (progress, message) => deeds.progress.push({ progress, ...(message !== undefined && { message }) }),
      takeLine: (line) => deeds.logs.push(line),
      logLevel: 'trace',
      keep: async (value) => void deeds.checkpoints.push(JSON.parse(checkpointText(value))),
      submit: furtherTasks({ task_id: taskId, user_id: userId }, async (message) => {
        deeds.submitted.push(JSON.parse(message));
      }),
    },
  );
  return { ...endOf(task, attempt, outcome), ...deeds };
}

function endOf<D extends TaskDefinition>(
  task: D,
  attempt: number,
  outcome: HandlerOutcome,
): TaskEnd<z.output<D['result']>> {
  if (outcome.status === 'returned') return outcome;
  if (outcome.status === 'completed') {
    try {
      return { status: 'completed', result: JSON.parse(JSON.stringify(outcome.result)) };
    } catch {
      const { error, code } = notJson(task.type);
      return { status: 'failed', error, error_code: code };
    }
  }
  const { error, code, details, cause, retryable } = outcome.failure;
  const status = retryable && attempt < task.attempts ? 'retry' : 'failed';
  return { status, error, error_code: code, ...(details && { error_details: details }), cause };
}
