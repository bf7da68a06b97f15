/** What is decided before a task runs. */
export const BEFORE_IT_RUNS = [
  'invalid_json',
  'invalid_message',
  'message_too_large',
  'unknown_task_type',
  'invalid_parameters',
  'task_id_conflict',
] as const;

/** Answers of the processor to messages that do not become tasks. A worker may use them for a task that ran. */
const REFUSALS: readonly unknown[] = [...BEFORE_IT_RUNS, 'overloaded'];

/** Whether a result is the answer to a message that did not become a task: it may still name a task. */
export function isRefusal({ error_code, attempts }: { error_code?: unknown; attempts?: unknown }): boolean {
  return attempts === 0 && REFUSALS.includes(error_code);
}
