import { validateDecoded } from '@taskwire/admission';
import { decodeRequest, type ErrorDetail, type JsonObject, sentenceOf, type TaskRequest } from '@taskwire/protocol';
import type { TaskRegistry } from '@taskwire/tasks';
import { findMark } from '@taskwire/tasks/masking';
import { BoardError } from '../board-error.ts';

/**
 * Checks a message as a processor does, so that a person gets the faults at once.
 *
 * @param rules.queue the queue to which the task is added.
 * @throws BoardError that names each fault by its path.
 */
export function checkRequest(
  message: JsonObject,
  { queue, registry, maxBytes }: { queue: string; registry: TaskRegistry; maxBytes: number },
): TaskRequest {
  for (const [field, value] of Object.entries(message)) {
    const found = findMark(value, field);
    if (!found) continue;
    const fault = `holds ${found.mark}, which hides the real value; write that value instead`;
    throw invalid([{ path: found.path, message: fault }]);
  }
  const decoded = decodeRequest(Buffer.from(JSON.stringify(message)), { maxBytes });
  const definition = decoded.status === 'rejected' ? undefined : registry.get(decoded.request.task_type);
  if (definition && definition.queue !== queue) {
    const error = `${definition.type} runs in the queue "${definition.queue}", not in "${queue}": add it there`;
    throw notAdded(error, 'wrong_queue', [{ path: 'task_type', message: error }]);
  }
  const validated = validateDecoded(decoded, registry);
  if (validated.status === 'valid') return validated.task.request;
  const { error, code, details } = validated.rejection;
  throw notAdded(error, code, details);
}

/** @param details at least one. */
export function invalid(details: readonly ErrorDetail[]): BoardError {
  return notAdded(sentenceOf('The request is invalid', details), 'invalid_message', details);
}

export function notAdded(message: string, code: string, details?: readonly ErrorDetail[]): BoardError {
  return new BoardError({ status: 400, title: 'The task was not added', message, code, details });
}
