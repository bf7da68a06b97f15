import { inspect } from 'node:util';
import { type ErrorDetail, errorDetailSchema, errorDetailsOf, sentenceOf } from '@taskwire/protocol';
import { z } from 'zod';
import type { TaskDefinition } from '../define-task.ts';
import { InvalidParameterError, LimitError, PermanentError } from '../task-failure.ts';
import type { Failure } from './failure.ts';

const MAX_ERROR_LENGTH = 2000;
const MAX_DETAILS = 20;

/** Turns anything that a handler threw into the wire's error. */
export function failureOf(thrown: unknown): Failure {
  const error = messageOf(thrown);
  if (thrown instanceof InvalidParameterError) {
    const path = `parameters.${thrown.parameter}`;
    const message = error.startsWith(`${path}: `) ? error.slice(path.length + 2) : error;
    return { code: 'invalid_parameters', error, details: [{ path, message }], cause: thrown, retryable: false };
  }
  if (!(thrown instanceof PermanentError)) return { code: 'task_failed', error, cause: thrown, retryable: true };
  const code = thrown instanceof LimitError ? thrown.code : 'task_failed';
  return { code, error, ...detailsOf(thrown), cause: thrown, retryable: false };
}

/** Handlers may be JavaScript: what does not fit the wire is left out rather than sent. */
const details = z.array(errorDetailSchema).min(1);

function detailsOf(thrown: PermanentError): { details?: ErrorDetail[] } {
  const given = details.safeParse(thrown.details);
  return given.success ? { details: given.data.slice(0, MAX_DETAILS).map(shortened) } : {};
}

function shortened(detail: ErrorDetail): ErrorDetail {
  return { ...detail, message: cut(detail.message) };
}

/** The failure of a handler whose return value does not fit its definition. */
export function invalidResult(definition: TaskDefinition, error: z.core.$ZodError): Failure {
  const details = errorDetailsOf(error, 'result', []);
  const what = `The handler of ${definition.type} returned something that its definition does not allow`;
  return { code: 'task_failed', error: sentenceOf(what, details), retryable: false };
}

/** The failure of a result that has no JSON form, such as a bigint or a cycle. */
export function notJson(taskType: string): Failure {
  const error = `The handler of ${taskType} returned something that cannot be written as JSON`;
  return { code: 'task_failed', error, retryable: false };
}

/** The message of anything that was thrown. Never empty, never throws. */
export function messageOf(thrown: unknown): string {
  return cut(wordsOf(thrown));
}

function cut(message: string): string {
  return message.length > MAX_ERROR_LENGTH ? `${message.slice(0, MAX_ERROR_LENGTH)}…` : message;
}

function wordsOf(thrown: unknown): string {
  try {
    const words: unknown = thrown instanceof Error ? thrown.message || thrown.name : thrown;
    return typeof words === 'string' && words !== '' ? words : inspect(words);
  } catch {
    return 'something was thrown that has no message';
  }
}
