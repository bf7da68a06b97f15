import { type ErrorDetail, errorDetailsOf, sentenceOf } from './error-details.ts';
import { rawNumber } from './parse-message.ts';
import { type RequestInput, requestFields, requestSchema } from './request.ts';
import { newTaskId } from './task-id.ts';

/** A request that no processor would accept; found before it was sent. */
export class InvalidRequestError extends Error {
  readonly code = 'invalid_message';
  readonly details: readonly ErrorDetail[];

  constructor(details: readonly ErrorDetail[]) {
    super(sentenceOf('The request is invalid', details));
    this.name = 'InvalidRequestError';
    this.details = details;
  }
}

/**
 * Turns a request into the message to publish. It is given a task id if it has none; defaults are left to the
 * processor.
 *
 * @throws InvalidRequestError
 */
export function encodeRequest<R extends RequestInput>(input: R): { request: R & { task_id: string }; message: string } {
  const { user_id } = input;
  const given = typeof user_id === 'bigint' ? { ...input, user_id: rawNumber(String(user_id)) } : input;
  const parsed = requestSchema.safeParse(given);
  if (!parsed.success) throw new InvalidRequestError(errorDetailsOf(parsed.error, '', requestFields));
  const request = { ...given, task_id: input.task_id ?? newTaskId() };
  return { request, message: JSON.stringify(request) };
}
