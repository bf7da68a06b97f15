import type { ErrorCode } from './error-code.ts';
import { type ErrorDetail, sentenceOf } from './error-details.ts';
import type { TaskRequest } from './request.ts';

/** Why a message does not become a task, and the fields that could be read; null for the others. */
export interface Rejection {
  code: ErrorCode;
  error: string;
  details?: ErrorDetail[];
  task: Pick<TaskRequest, 'user_id' | 'reply_to'> & {
    task_id: string | null;
    task_type: string | null;
    metadata: TaskRequest['metadata'] | null;
  };
}

/** Nothing could be read. */
export const NOBODY: Rejection['task'] = {
  task_id: null,
  task_type: null,
  user_id: null,
  metadata: null,
  reply_to: undefined,
};

/** @param what begins the sentence, as `The message`. */
export function invalidMessage(what: string, details: ErrorDetail[], task: Rejection['task']): Rejection {
  return { code: 'invalid_message', error: sentenceOf(`${what} is invalid`, details), details, task };
}
