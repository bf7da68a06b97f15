import type { TaskRequest } from '@taskwire/protocol';

/** A task as its worker sees it. */
export interface AcceptedTask
  extends Pick<
    TaskRequest,
    'task_id' | 'task_type' | 'parameters' | 'user_id' | 'metadata' | 'reply_to' | 'timeout_ms'
  > {
  /** Only if the request has it; otherwise the task's definition in the worker decides. */
  attempts: number | undefined;
  /** When it was accepted, in ms since 1970. */
  acceptedAt: number;
}
