import { z } from 'zod';
import { hasUnsafeInteger } from './json.ts';
import { jsonObjectSchema } from './json-object-schema.ts';
import { type UserId, userIdSchema } from './user-id.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export const taskTypeSchema = z.string().min(1).max(128);

/** The id of a task, and its idempotency key. */
export const taskIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9._~-]{1,128}$/, 'must be 1 to 128 characters out of A-Z a-z 0-9 . _ ~ -');

export const metadataSchema = jsonObjectSchema.refine(
  (metadata) => !hasUnsafeInteger(metadata),
  'must not hold integers beyond 2^53: they could not come back unchanged, so write them as strings',
);

/** A reply channel. The fixed beginning keeps a request from publishing into channels of other programs. */
export const replyToSchema = z.string().startsWith('results', 'must start with "results"').max(256);

/** The trace that a task belongs to: https://www.w3.org/TR/trace-context/#traceparent-header */
const traceparentSchema = z
  .string()
  .regex(/^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/, 'must be a traceparent of W3C Trace Context');

/** What a publisher sends: the request of wire version 1. Unknown fields are refused by name. */
export const requestSchema = z.strictObject({
  task_type: taskTypeSchema.describe('Key in the task registry'),
  parameters: jsonObjectSchema.default(() => ({})).describe("Validated by the task's own schema"),
  task_id: taskIdSchema.optional().describe('Names the task and is its idempotency key; default: a UUIDv7'),
  user_id: userIdSchema.default(null).describe('Echoed unchanged, a number of any size digit for digit'),
  metadata: metadataSchema
    .default(() => ({}))
    .describe('Echoed unchanged, at most 64 KiB (processor.max_metadata_bytes)'),
  reply_to: replyToSchema.optional().describe('A further channel on which the result is published'),
  priority: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('1 is first; a task without one goes before all that have one'),
  delay_ms: z
    .int()
    .min(0)
    .max(365 * DAY_MS)
    .optional()
    .describe('Wait this long before the first attempt'),
  timeout_ms: z.int().min(1).max(DAY_MS).optional().describe("Longest run of one attempt; default: the task's own"),
  attempts: z.int().min(1).max(100).optional().describe("How often to try at most; default: the task's own"),
  traceparent: traceparentSchema.optional().describe('The trace that the task is to belong to (W3C Trace Context)'),
});

/** A request as publishers write it: defaults may be missing. */
export type RequestInput = Omit<z.input<typeof requestSchema>, 'user_id'> & { user_id?: UserId | bigint | undefined };

/** A request as taskwire carries it: every default filled in, always with a task id. */
export type TaskRequest = z.output<typeof requestSchema> & { task_id: string };

export const requestFields: readonly string[] = Object.keys(requestSchema.shape);
