import { z } from 'zod';
import { decodeJson } from './decode-json.ts';
import { InvalidRequestError } from './encode.ts';
import { errorDetailsOf } from './error-details.ts';
import { isJsonObject } from './json.ts';
import { invalidMessage, NOBODY, type Rejection } from './rejection.ts';
import { taskIdSchema } from './request.ts';

/** The cancel message of wire version 1. Unknown fields are refused by name. */
export const cancelSchema = z.strictObject({ task_id: taskIdSchema.describe('The task that is to be cancelled') });

const cancelFields = Object.keys(cancelSchema.shape);

export type DecodedCancel = { status: 'decoded'; taskId: string } | { status: 'rejected'; rejection: Rejection };

/**
 * Turns the bytes of one message into the id of a task. Never throws.
 *
 * A rejection names no task, even if the message does: otherwise it would be taken for the task's own result.
 *
 * @param bytes JSON in UTF-8.
 * @param options.maxBytes longer messages are refused without being parsed.
 */
export function decodeCancel(bytes: Uint8Array, options: { maxBytes: number }): DecodedCancel {
  const decoded = decodeJson(bytes, options);
  if (decoded.status === 'rejected') return decoded;
  const parsed = cancelSchema.safeParse(decoded.message);
  if (parsed.success) return { status: 'decoded', taskId: parsed.data.task_id };
  const details = isJsonObject(decoded.message)
    ? errorDetailsOf(parsed.error, '', cancelFields)
    : [{ path: '', message: 'must be a JSON object with a "task_id"' }];
  const rejection = invalidMessage(`The cancel message${forWhom(decoded.message)}`, details, NOBODY);
  return { status: 'rejected', rejection };
}

function forWhom(message: unknown): string {
  const taskId = taskIdSchema.safeParse(isJsonObject(message) ? message.task_id : undefined);
  return taskId.success ? ` for the task ${taskId.data}` : '';
}

/** The message that cancels a task. @throws InvalidRequestError when no task can have this id. */
export function encodeCancel(taskId: string): string {
  const parsed = cancelSchema.safeParse({ task_id: taskId });
  if (!parsed.success) throw new InvalidRequestError(errorDetailsOf(parsed.error, '', cancelFields));
  return JSON.stringify(parsed.data);
}
