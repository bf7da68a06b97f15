import { createHash } from 'node:crypto';
import type { ErrorCode, TaskResult } from '@taskwire/protocol';

/** What receivers are told of one task that ended. */
export interface Notification {
  /** The same each time that this end of the task is told, and without the characters that a webhook id may not have. */
  id: string;
  taskId: string;
  taskType: string;
  status: 'completed' | 'failed' | 'cancelled';
  /** The result, exactly as on the wire. */
  message: string;
}

/** What the processor answers to messages that do not become tasks. Of a task that ran they say that its worker refused it. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'invalid_json',
  'invalid_message',
  'message_too_large',
  'unknown_task_type',
  'invalid_parameters',
  'task_id_conflict',
  'overloaded',
]);

/** @returns undefined when the message is the answer to one that did not become a task, or no result at all. */
export function notificationOf(message: string): Notification | undefined {
  const result = parsed(message);
  if (typeof result?.task_id !== 'string' || typeof result.task_type !== 'string') return undefined;
  if (result.status === 'error' && result.attempts === 0 && REFUSALS.has(result.error_code)) return undefined;
  const { task_id: taskId, task_type: taskType, timestamp } = result;
  return { id: idOf(taskId, timestamp), taskId, taskType, status: statusOf(result), message };
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

function statusOf(result: TaskResult): Notification['status'] {
  if (result.status === 'completed') return 'completed';
  return result.error_code === 'cancelled' ? 'cancelled' : 'failed';
}
