import { inspect } from 'node:util';
import { errorDetailsOf, sentenceOf } from '@taskwire/protocol';
import { InvalidParameterError, PermanentError, type TaskDefinition } from '@taskwire/tasks';
import type { z } from 'zod';
import type { Failure } from './attempt.ts';

const MAX_ERROR_LENGTH = 2000;

/** Turns anything that a handler threw into the wire's error. */
export function failureOf(thrown: unknown): Failure {
  const error = messageOf(thrown);
  if (thrown instanceof InvalidParameterError) {
    const path = `parameters.${thrown.parameter}`;
    const message = error.startsWith(`${path}: `) ? error.slice(path.length + 2) : error;
    return { code: 'invalid_parameters', error, details: [{ path, message }], cause: thrown, retryable: false };
  }
  return { code: 'task_failed', error, cause: thrown, retryable: !(thrown instanceof PermanentError) };
}

/** The failure of a handler whose return value does not fit its definition. */
export function invalidResult(definition: TaskDefinition, error: z.core.$ZodError): Failure {
  const details = errorDetailsOf(error, 'result', []);
  const what = `The handler of ${definition.type} returned something else than it declares`;
  return { code: 'task_failed', error: sentenceOf(what, details), retryable: false };
}

/** The failure of a result that has no JSON form: a bigint, or a circle. */
export function notJson(taskType: string): Failure {
  const error = `The handler of ${taskType} returned something that cannot be written as JSON`;
  return { code: 'task_failed', error, retryable: false };
}

/**
 * The failure of a result that is larger than `results.max_bytes`.
 *
 * @param bytes undefined when it is too large even to be measured.
 */
export function resultTooLarge(bytes: number | undefined, maxBytes: number): Failure {
  const error = `The result has ${bytes ?? 'more than 500 million'} bytes; at most ${maxBytes} are allowed (results.max_bytes)`;
  return { code: 'result_too_large', error, retryable: false };
}

/** The failure of a task that was accepted by a processor which knows more task types than this worker. */
export function unknownToWorker(explanation: string): Failure {
  return { code: 'unknown_task_type', error: `${explanation} (in this worker)`, retryable: false };
}

/** The failure of a task whose workers died while they ran it. */
export function workerLost(times: number): Failure {
  const error = `The task lost its worker ${times} times, and may itself be what brings workers down`;
  return { code: 'worker_lost', error, retryable: false };
}

/** What was thrown, in words: anything may be thrown, also what has none. Never empty, never throws. */
export function messageOf(thrown: unknown): string {
  const message = wordsOf(thrown);
  return message.length > MAX_ERROR_LENGTH ? `${message.slice(0, MAX_ERROR_LENGTH)}…` : message;
}

function wordsOf(thrown: unknown): string {
  try {
    const words: unknown = thrown instanceof Error ? thrown.message || thrown.name : thrown;
    return typeof words === 'string' && words !== '' ? words : inspect(words);
  } catch {
    return 'something was thrown that cannot be put into words';
  }
}
