import { isUtf8 } from 'node:buffer';
import type { z } from 'zod';
import type { ErrorCode } from './error-code.ts';
import { type ErrorDetail, errorDetailsOf, sentenceOf } from './error-details.ts';
import { isDeeperThan, isJsonObject } from './json.ts';
import {
  metadataSchema,
  replyToSchema,
  requestFields,
  requestSchema,
  type TaskRequest,
  taskIdSchema,
  taskTypeSchema,
  userIdSchema,
} from './request.ts';
import { newTaskId } from './task-id.ts';

/** Arrays and objects may be nested this deep in a message. */
export const MAX_NESTING = 100;

/** Why a message does not become a task, and whom to tell: what could be read of it, null where nothing could. */
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

export type Decoded =
  /** `named`: whether the message itself names its task. */
  { status: 'decoded'; request: TaskRequest; named: boolean } | { status: 'rejected'; rejection: Rejection };

const NOBODY: Rejection['task'] = {
  task_id: null,
  task_type: null,
  user_id: null,
  metadata: null,
  reply_to: undefined,
};

/**
 * Turns the bytes of one message into a request. Never throws: any bytes give a request or a rejection.
 *
 * @param bytes JSON in UTF-8.
 * @param options.maxBytes longer messages are refused without being parsed.
 */
export function decodeRequest(bytes: Uint8Array, options: { maxBytes: number }): Decoded {
  if (bytes.length > options.maxBytes) {
    const error = `The message has ${bytes.length} bytes; at most ${options.maxBytes} are accepted (processor.max_message_bytes).`;
    return rejected({ code: 'message_too_large', error, task: NOBODY });
  }
  if (!isUtf8(bytes)) {
    return rejected(invalidJson('it is not UTF-8'));
  }
  let message: unknown;
  try {
    message = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
  } catch (error) {
    return rejected(invalidJson((error as Error).message));
  }
  return decodeMessage(message);
}

function decodeMessage(message: unknown): Decoded {
  if (!isJsonObject(message)) {
    return rejected(invalidMessage([{ path: '', message: 'must be a JSON object with a "task_type"' }], NOBODY));
  }
  if (isDeeperThan(message, MAX_NESTING)) {
    return rejected(invalidMessage([{ path: '', message: `is nested deeper than ${MAX_NESTING} levels` }], NOBODY));
  }
  const parsed = requestSchema.safeParse(message);
  if (!parsed.success) {
    return rejected(invalidMessage(errorDetailsOf(parsed.error, '', requestFields), readableParts(message)));
  }
  const request = parsed.data as TaskRequest;
  const named = request.task_id !== undefined;
  request.task_id ??= newTaskId();
  return { status: 'decoded', request, named };
}

/** What of a faulty message is valid by itself, so that its sender can be told. */
function readableParts(message: Record<string, unknown>): Rejection['task'] {
  return {
    task_id: validOr(taskIdSchema, message.task_id, null),
    task_type: validOr(taskTypeSchema, message.task_type, null),
    user_id: validOr(userIdSchema, message.user_id, null),
    metadata: validOr(metadataSchema, message.metadata, null),
    reply_to: validOr(replyToSchema, message.reply_to, undefined),
  };
}

function validOr<T, F>(schema: z.ZodType<T>, value: unknown, fallback: F): T | F {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : fallback;
}

function invalidJson(why: string): Rejection {
  return {
    code: 'invalid_json',
    error: `The message is not valid JSON: ${why}`,
    details: [{ path: '', message: why }],
    task: NOBODY,
  };
}

function invalidMessage(details: ErrorDetail[], task: Rejection['task']): Rejection {
  return { code: 'invalid_message', error: sentenceOf('The message is invalid', details), details, task };
}

function rejected(rejection: Rejection): Decoded {
  return { status: 'rejected', rejection };
}
