import type { z } from 'zod';
import { decodeJson } from './decode-json.ts';
import { errorDetailsOf } from './error-details.ts';
import { isDeeperThan, isJsonObject } from './json.ts';
import { metadataFault } from './metadata-size.ts';
import { invalidMessage, NOBODY, type Rejection } from './rejection.ts';
import {
  metadataSchema,
  replyToSchema,
  requestFields,
  requestSchema,
  type TaskRequest,
  taskIdSchema,
  taskTypeSchema,
} from './request.ts';
import { newTaskId } from './task-id.ts';
import { userIdSchema } from './user-id.ts';

/** Arrays and objects may be nested this deep in a message. */
export const MAX_NESTING = 100;

export interface Rejected {
  status: 'rejected';
  rejection: Rejection;
}

export type Decoded =
  /** `named`: whether the message itself names its task. */
  { status: 'decoded'; request: TaskRequest; named: boolean } | Rejected;

export interface DecodeOptions {
  /** Longer messages are refused without being parsed. */
  maxBytes: number;
  /** Larger metadata is refused. Default: any is taken. */
  maxMetadataBytes?: number;
  /** The task id of a message that names none, also if it is refused. Default: a new one; none if it is refused. */
  taskId?: string | undefined;
}

/**
 * Turns the bytes of one message into a request. Never throws: any bytes give a request or a rejection.
 *
 * @param bytes JSON in UTF-8.
 */
export function decodeRequest(bytes: Uint8Array, options: DecodeOptions): Decoded {
  const { taskId } = options;
  const json = decodeJson(bytes, options);
  const decoded = json.status === 'rejected' ? json : decodeMessage(json.message, options);
  if (decoded.status === 'rejected' && taskId !== undefined) {
    const { task } = decoded.rejection;
    decoded.rejection.task = { ...task, task_id: task.task_id ?? taskId };
  }
  return decoded;
}

/**
 * Turns the parsed JSON of a message into a request.
 *
 * @param options.taskId of a message that names none. Default: a new one.
 */
export function decodeMessage(message: unknown, options: Omit<DecodeOptions, 'maxBytes'> = {}): Decoded {
  const { taskId, maxMetadataBytes = Number.POSITIVE_INFINITY } = options;
  if (!isJsonObject(message)) return invalid('must be a JSON object with a "task_type"');
  if (isDeeperThan(message, MAX_NESTING)) return invalid(`is nested deeper than ${MAX_NESTING} levels`);
  const parsed = requestSchema.safeParse(message);
  const oversize = metadataFault(message.metadata, maxMetadataBytes);
  if (!parsed.success || oversize) {
    const details = parsed.success ? [] : errorDetailsOf(parsed.error, '', requestFields);
    if (oversize) details.push(oversize);
    const readable = readableParts(oversize ? { ...message, metadata: null } : message);
    return { status: 'rejected', rejection: invalidMessage('The message', details, readable) };
  }
  const request = parsed.data as TaskRequest;
  const named = request.task_id !== undefined;
  request.task_id ??= taskId ?? newTaskId();
  return { status: 'decoded', request, named };
}

/** A message that is wrong as a whole: none of its fields is known. */
function invalid(message: string): Decoded {
  return { status: 'rejected', rejection: invalidMessage('The message', [{ path: '', message }], NOBODY) };
}

/** The fields by which its sender can recognize the answer. */
function readableParts(message: Record<string, unknown>): Rejection['task'] {
  return {
    task_id: validOr(taskIdSchema, message.task_id, null),
    task_type: validOr(taskTypeSchema, message.task_type, null),
    user_id: validOr(userIdSchema, message.user_id, null),
    metadata: validOr(metadataSchema, message.metadata, null),
    reply_to: validOr(replyToSchema, message.reply_to, undefined),
  };
}

/** The valid fields of a faulty message. */
export function validOr<T, F>(schema: z.ZodType<T>, value: unknown, fallback: F): T | F {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : fallback;
}
