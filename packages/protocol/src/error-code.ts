import { z } from 'zod';

/**
 * Why a task ended in an error: stable names, part of the wire (version 1).
 *
 * The first six are decided before a task runs, the others by its run.
 */
export const errorCodeSchema = z.enum([
  'invalid_json',
  'invalid_message',
  'message_too_large',
  'unknown_task_type',
  'invalid_parameters',
  'task_id_conflict',
  'timeout',
  'cancelled',
  'task_failed',
  'worker_lost',
  'result_too_large',
  'overloaded',
]);

export type ErrorCode = z.infer<typeof errorCodeSchema>;
