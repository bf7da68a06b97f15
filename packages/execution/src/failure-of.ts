import { inspect } from 'node:util';
import { type ErrorDetail, errorDetailSchema, errorDetailsOf, sentenceOf } from '@taskwire/protocol';
import { InvalidParameterError, LimitError, PermanentError, type TaskDefinition } from '@taskwire/tasks';
import { z } from 'zod';
import type { Failure } from './attempt.ts';

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

/**
 * The failure of a result that is larger than `results.max_bytes`.
 *
 * @param bytes undefined if it is too large to measure.
 */
export function resultTooLarge(bytes: number | undefined, maxBytes: number): Failure {
  const error = `The result has ${bytes ?? 'more than 500 million'} bytes; at most ${maxBytes} are allowed (results.max_bytes)`;
  return { code: 'result_too_large', error, retryable: false };
}

/** The failure of an attempt that took longer than it may. */
export function timedOut(timeoutMs: number): Failure {
  return { code: 'timeout', error: `The task did not end within ${timeoutMs} ms`, retryable: true };
}

/** The failure of a task that waited too long for its turn, and did not run. */
export function waitedTooLong(waitedMs: number, waitsFor: string): Failure {
  const error = `The task waited ${waitedMs} ms for ${waitsFor}: that is as long as it may run, and it was not begun`;
  return { code: 'timeout', error, retryable: false };
}

/** The failure of a task that somebody cancelled while its handler ran. */
export function cancelledInRun(): Failure {
  return { code: 'cancelled', error: 'Cancelled while it ran', retryable: false };
}

/**
 * The failure of a task that somebody cancelled while no handler ran it.
 *
 * @param timesStarted how often a worker had begun to run it.
 */
export function cancelledInQueue(timesStarted: number): Failure {
  const error = timesStarted > 0 ? 'Cancelled before it was run again' : 'Cancelled before it ran';
  return { code: 'cancelled', error, retryable: false };
}

/** The same failure, for a handler that ignores its signal. */
export function leftAlone(failure: Failure, waitedMs: number): Failure {
  const error = `${failure.error}; its handler did not stop within ${waitedMs / 1000} s and was left alone`;
  return { ...failure, error, handlerLeftAlone: true };
}

/** The failure of a task whose type the processor knows and this worker does not. */
export function unknownToWorker(explanation: string): Failure {
  return { code: 'unknown_task_type', error: `${explanation} (in this worker)`, retryable: false };
}

/** The failure of a task whose workers died while they ran it. */
export function workerLost(times: number): Failure {
  const error = `The task lost its worker ${times} times; perhaps it makes its workers crash`;
  return { code: 'worker_lost', error, retryable: false };
}

/** The failure of a task whose own process died. */
export function processLost(how: string): Failure {
  const error = `The process in which the task ran alone died (${how}); perhaps it uses up memory, or exits`;
  return { code: 'worker_lost', error, retryable: false };
}

/** The failure of a task for which no process could be started. */
export function noProcess(how: string): Failure {
  return { code: 'task_failed', error: `No process could be started for the task (${how})`, retryable: true };
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
