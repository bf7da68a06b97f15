import { createHash } from 'node:crypto';
import { isRefusal, type TaskOutcome, type TaskResult, taskOutcomeOf } from '@taskwire/protocol';

/** What receivers are told of one task that ended. */
export interface Notification {
  /** The same each time that this end of the task is told, without characters that a webhook id may not have. */
  id: string;
  taskId: string;
  taskType: string;
  status: TaskOutcome;
  /** The result, exactly as on the wire. */
  message: string;
}

/** @returns undefined when the message answers a request that did not become a task, or is no result at all. */
export function notificationOf(message: string): Notification | undefined {
  const result = parsed(message);
  if (typeof result?.task_id !== 'string' || typeof result.task_type !== 'string') return undefined;
  if (isRefusal(result)) return undefined;
  const { task_id: taskId, task_type: taskType, timestamp } = result;
  return { id: idOf(taskId, timestamp), taskId, taskType, status: taskOutcomeOf(result), message };
}

/** The stream holds messages of this version or another: not worth a schema, but no reason to crash. */
function parsed(message: string): TaskResult | undefined {
  try {
    return (JSON.parse(message) as TaskResult | null) ?? undefined;
  } catch {
    return undefined;
  }
}

/** A task that an operator ran again has ended twice, hence the time. Users choose task ids, which may hold full stops. */
function idOf(taskId: string, timestamp: string): string {
  return `msg_${createHash('sha256').update(`${taskId} ${timestamp}`).digest('hex').slice(0, 32)}`;
}
