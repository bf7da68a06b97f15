import { z } from 'zod';
import { BEFORE_IT_RUNS } from './refusal.ts';

/** Why a task ended in an error: stable names, part of the wire (version 1). */
export const errorCodeSchema = z.enum([
  ...BEFORE_IT_RUNS,
  'timeout',
  'cancelled',
  'task_failed',
  'worker_lost',
  'result_too_large',
  'overloaded',
]);

export type ErrorCode = z.infer<typeof errorCodeSchema>;
