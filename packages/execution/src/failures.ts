import { basename } from 'node:path';
import type { Program } from '@taskwire/tasks';
import { type Failure, messageOf } from '@taskwire/tasks/running';

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
export function processLost(how: string, lastLines = ''): Failure {
  const what = lastLines === '' ? how : `${how}: ${lastLines}`;
  const error = `The process in which the task ran alone died (${what}); perhaps it uses up memory, or exits`;
  return { code: 'worker_lost', error, retryable: false };
}

/** The failure of a task whose program, which should stay for the next one, ended instead of answering. */
export function programLost({ file, command }: Program, how: string, lastLines?: string): Failure {
  const what = `${command.join(' ')} (${basename(file)}, "mode": "stream") ended with ${how} before it answered with a line of JSON, as {"result": {…}}`;
  return { ...programFailed(what, { lastLines, retryable: false }), code: 'worker_lost' };
}

/** The failure of a task by its program, with what that said last. */
export function programFailed(
  what: string,
  { lastLines = '', retryable }: { lastLines?: string | undefined; retryable: boolean },
): Failure {
  return { code: 'task_failed', error: messageOf(lastLines === '' ? what : `${what}: ${lastLines}`), retryable };
}

/** The failure of a task for which no process could be started. */
export function noProcess(how: string): Failure {
  return { code: 'task_failed', error: `No process could be started for the task (${how})`, retryable: true };
}
