import {
  errorCodeSchema,
  jsonObjectSchema,
  resultSchema,
  taskIdSchema,
  taskTypeSchema,
  userIdSchema,
} from '@taskwire/protocol';
import { z } from 'zod';

const timeSchema = z.iso.datetime({ precision: 3 });

/** Where a task is. `waiting`: for a worker; `delayed`: until a time; `completed` and `error` are final. */
export const taskStatusSchema = z.enum(['waiting', 'delayed', 'running', 'completed', 'error']);

/** A task in a list. */
export const taskSummarySchema = z.strictObject({
  task_id: taskIdSchema.nullable().describe('Null for a message that was refused and named no task'),
  task_type: taskTypeSchema.nullable(),
  user_id: userIdSchema,
  status: taskStatusSchema,
  error_code: errorCodeSchema.nullable(),
  error: z.string().nullable(),
  accepted_at: timeSchema.nullable(),
  started_at: timeSchema.nullable().describe('Of its last attempt'),
  ended_at: timeSchema.nullable(),
  next_attempt_at: timeSchema.nullable().describe('Of a delayed task'),
  attempts: z.int().min(0).describe('Attempts that were begun'),
  duration_ms: z.number().nullable().describe('Of its last attempt'),
  progress: z
    .strictObject({ progress: z.number().min(0).max(1), message: z.string().optional() })
    .nullable()
    .describe('Of a running task, if it tells any'),
  worker: z
    .string()
    .nullable()
    .describe('The process that runs it, or ran its last attempt; null if that is not known'),
  refused: z.literal(true).optional().describe('A message that became no task; the id may be that of a task'),
});

const attemptSchema = z.strictObject({
  attempt: z.int(),
  started_at: timeSchema,
  ended_at: timeSchema,
  error: z.string().optional(),
  worker: z.string(),
});

const logLineSchema = z.strictObject({
  attempt: z.int(),
  timestamp: timeSchema,
  level: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']),
  message: z.string(),
  fields: z.record(z.string(), z.unknown()).optional(),
});

/** All that is known of a task. */
export const taskDocumentSchema = taskSummarySchema.extend({
  metadata: jsonObjectSchema.nullable(),
  parameters: jsonObjectSchema
    .nullable()
    .describe(
      'As asked, secret ones masked; null if they are not kept: larger than 8 KiB, or history.parameters is false',
    ),
  queue: z.string().nullable(),
  run: z
    .strictObject({ attempts: z.array(attemptSchema), log: z.array(logLineSchema), stack: z.string().nullable() })
    .describe('Its attempts that ended, the last lines that it logged, and where its handler threw last'),
  result: resultSchema
    .nullable()
    .describe('The one result, as published; null until then, or if only larger ones are gone'),
  file: z
    .strictObject({ name: z.string(), bytes: z.int().nullable() })
    .nullable()
    .describe('The file of a large SQL result'),
  may: z
    .strictObject({ cancel: z.boolean(), retry: z.boolean() })
    .describe('What can be done with it now, by who asks'),
});

/** A page of a search. */
export const taskPageSchema = z.strictObject({
  tasks: z.array(taskSummarySchema).describe('Running and waiting ones first, then ended ones, latest first'),
  cursor: z.string().nullable().describe('For the next page; null when this is the last one'),
  looked_back_to: timeSchema.nullable().describe('How far a bounded search has looked; null if it has looked at all'),
  note: z.string().nullish().describe('For a person: what else it has not looked at, and why'),
});

export type TaskStatus = z.infer<typeof taskStatusSchema>;
export type TaskSummary = z.infer<typeof taskSummarySchema>;
export type TaskDocument = z.infer<typeof taskDocumentSchema>;
export type TaskPage = z.infer<typeof taskPageSchema>;

/** What is blank narrows nothing: an unset variable of a shell must not mean all tasks. */
const notBlank = z.string().regex(/\S/, 'must not be blank');

/** What a search may ask for; each part narrows it. */
export const taskFilterSchema = z.strictObject({
  id: notBlank.optional().describe('A task id, or how one begins'),
  type: taskTypeSchema.optional(),
  user: notBlank.optional().describe('A user id: 7 finds the number and the text'),
  status: taskStatusSchema.optional(),
  code: errorCodeSchema.optional(),
  since: z
    .string()
    .optional()
    .describe('ISO 8601, or 30m, 2h, 7d ago, today, yesterday: when it ended, or was accepted'),
  until: z.string().optional(),
  text: notBlank.max(200).optional().describe('Words in the parameters, the metadata or the error'),
});

export type TaskFilter = z.infer<typeof taskFilterSchema>;
