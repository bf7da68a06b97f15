import { z } from 'zod';
import { taskIdSchema, taskTypeSchema } from './request.ts';
import { timestampSchema } from './result.ts';
import { userIdSchema } from './user-id.ts';

const aboutTask = {
  task_id: taskIdSchema,
  task_type: taskTypeSchema,
  user_id: userIdSchema,
  timestamp: timestampSchema,
};

/** What is said about a task besides its result, on the channel `task_events`: wire version 1. */
export const eventSchema = z.discriminatedUnion('event', [
  z.strictObject({ ...aboutTask, event: z.literal('accepted') }).describe('The receipt: the task is durable now'),
  z.strictObject({ ...aboutTask, event: z.literal('started'), attempt: z.int().min(1) }),
  z.strictObject({
    ...aboutTask,
    event: z.literal('progress'),
    progress: z.number().min(0).max(1),
    message: z.string().optional(),
  }),
  z.strictObject({
    ...aboutTask,
    event: z.literal('retrying'),
    attempt: z.int().min(1).describe('The attempt that failed'),
    error: z.string(),
    next_attempt_at: timestampSchema,
  }),
  z.strictObject({ ...aboutTask, event: z.literal('finished'), status: z.enum(['completed', 'error']) }),
  z
    .strictObject({
      ...aboutTask,
      task_type: taskTypeSchema.nullable(),
      event: z.literal('cancel_requested'),
    })
    .describe('The task could not be taken out of its queue; the worker that runs it is told to stop'),
  z
    .strictObject({
      task_id: taskIdSchema,
      task_type: z.null(),
      user_id: z.null(),
      timestamp: timestampSchema,
      event: z.literal('cancel_refused'),
      reason: z.enum(['unknown', 'finished']),
    })
    .describe('There is nothing to cancel: no such task is known, or it has its result'),
  z
    .strictObject({
      task_id: z.null(),
      task_type: z.null(),
      user_id: z.null(),
      timestamp: timestampSchema,
      event: z.literal('intake_gap'),
      channels: z.array(z.string()),
      disconnected_at: timestampSchema,
    })
    .describe('A processor was cut off from its channels until `timestamp`: what was published meanwhile may be lost'),
]);

export type TaskEvent = z.infer<typeof eventSchema>;
