import { createHash } from 'node:crypto';
import { isRefusal, type TaskOutcome, type TaskResult, taskOutcomeOf } from '@taskwire/protocol';

/** What receivers are told of one task that ended. */
export interface Notification {
  /** The same each time that this end of the task is told, and without the characters that a webhook id may not have. */
  id: string;
  taskId: string;
  taskType: string;
  status: TaskOutcome;
  /** The result, exactly as on the wire. */
  message: string;
}

/** @returns undefined when the message is the answer to one that did not become a task, or no result at all. */
export function notificationOf(message: string): Notification | undefined {
  const result = parsed(message);
  if (typeof result?.task_id !== 'string' || typeof result.task_type !== 'string') return undefined;
  if (isRefusal(result)) return undefined;
  const { task_id: taskId, task_type: taskType, timestamp } = result;
  return { id: idOf(taskId, timestamp), taskId, taskType, status: taskOutcomeOf(result), message };
}

/** The stream holds what this version, or another one, has published: not worth a schema, but no reason to fall over. */
function parsed(message: string): TaskResult | undefined {
  try {
    return (JSON.parse(message) as TaskResult | null) ?? undefined;
  } catch {
    return undefined;
  }
}

/** A task that an operator ran again has ended twice, hence the time. Task ids are the users' own, and may hold full stops. */
function idOf(taskId: string, timestamp: string): string {
  return `msg_${createHash('sha256').update(`${taskId} ${timestamp}`).digest('hex').slice(0, 32)}`;
}
