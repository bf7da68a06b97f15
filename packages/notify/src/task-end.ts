import { createHash } from 'node:crypto';
import { isRefusal, isTaskResult, type TaskOutcome, taskOutcomeOf } from '@taskwire/protocol';

/** What receivers are told: how one task ended. */
export interface TaskEnd {
  /** The same each time that this end is told, without characters that a webhook id may not have. */
  id: string;
  taskId: string;
  taskType: string;
  status: TaskOutcome;
  /** The result, exactly as on the wire. */
  message: string;
}

/** @returns undefined when the message answers a request that did not become a task, or is no result at all. */
export function taskEndOf(message: string): TaskEnd | undefined {
  const result = parsed(message);
  if (!isTaskResult(result) || result.task_id === null || typeof result.task_type !== 'string') return undefined;
  if (isRefusal(result)) return undefined;
  const { task_id: taskId, task_type: taskType, timestamp } = result;
  // A task that an operator ran again has ended twice, hence the time. Users choose task ids, which may hold full stops.
  const id = `msg_${createHash('sha256').update(`${taskId} ${timestamp}`).digest('hex').slice(0, 32)}`;
  return { id, taskId, taskType, status: taskOutcomeOf(result), message };
}

function parsed(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}
