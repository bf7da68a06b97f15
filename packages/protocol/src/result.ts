import { z } from 'zod';
import { errorCodeSchema } from './error-code.ts';
import { errorDetailSchema } from './error-details.ts';
import { jsonObjectSchema } from './json-object-schema.ts';
import { taskIdSchema, taskTypeSchema } from './request.ts';
import { userIdSchema } from './user-id.ts';

export const timestampSchema = z.iso.datetime({ precision: 3 });

const outcomeFields = {
  task_id: taskIdSchema.nullable(),
  task_type: taskTypeSchema.nullable(),
  user_id: userIdSchema,
  metadata: jsonObjectSchema.nullable(),
  timestamp: timestampSchema.describe('When the task ended: ISO 8601, UTC, milliseconds'),
};

const runFields = {
  attempts: z.int().min(0).describe('Attempts that were begun, also those whose worker died; 0 if the task never ran'),
  duration_ms: z.number().min(0).describe('Run time of the last attempt'),
  queued_ms: z.number().min(0).describe('From acceptance to the start of the last attempt'),
};

export const completedResultSchema = z.strictObject({
  ...outcomeFields,
  status: z.literal('completed'),
  result: jsonObjectSchema,
  ...runFields,
});

export const errorResultSchema = z.strictObject({
  ...outcomeFields,
  status: z.literal('error'),
  error: z.string().describe('One sentence for a person'),
  error_code: errorCodeSchema,
  error_details: z
    .array(errorDetailSchema)
    .optional()
    .describe('Where and what: for the invalid_* codes, and where a handler knows it'),
  ...runFields,
});

/** The one final message about a task: wire version 1. */
export const resultSchema = z.discriminatedUnion('status', [completedResultSchema, errorResultSchema]);

export type CompletedResult = z.infer<typeof completedResultSchema>;
export type ErrorResult = z.infer<typeof errorResultSchema>;
export type TaskResult = z.infer<typeof resultSchema>;
