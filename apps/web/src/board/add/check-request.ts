import { checkParameters } from '@taskwire/execution';
import { decodeRequest, type ErrorDetail, type JsonObject, sentenceOf, type TaskRequest } from '@taskwire/protocol';
import type { TaskRegistry } from '@taskwire/tasks';
import { BoardError } from '../board-error.ts';
import { findMark } from '../show/marks.ts';

export interface RequestRules {
  /** Name of the queue to which the task is to be added. */
  queue: string;
  registry: TaskRegistry;
  /** Of the message. */
  maxBytes: number;
}

/**
 * Checks a message as a processor does, so that a person gets the faults at once.
 *
 * @throws BoardError that names each fault by its path.
 */
export function checkRequest(message: JsonObject, { queue, registry, maxBytes }: RequestRules): TaskRequest {
  for (const [field, value] of Object.entries(message)) {
    const found = findMark(value, field);
    if (!found) continue;
    const fault = `holds ${found.mark}, which stands for what the board does not show; write what belongs there`;
    throw invalid([{ path: found.path, message: fault }]);
  }
  const decoded = decodeRequest(Buffer.from(JSON.stringify(message)), { maxBytes });
  if (decoded.status === 'rejected') {
    const { error, code, details } = decoded.rejection;
    throw notAdded(error, code, details);
  }
  const { request } = decoded;
  const definition = registry.get(request.task_type);
  if (!definition) throw notAdded(registry.explainUnknown(request.task_type), 'unknown_task_type');
  if (definition.queue !== queue) {
    const error = `${definition.type} runs in the queue "${definition.queue}", not in "${queue}": add it there`;
    throw notAdded(error, 'wrong_queue', [{ path: 'task_type', message: error }]);
  }
  const checked = checkParameters(definition, request.parameters);
  if (checked.status === 'invalid') {
    const { error, code, details } = checked.failure;
    throw notAdded(error, code, details);
  }
  return request;
}

/** @param details at least one. */
export function invalid(details: readonly ErrorDetail[]): BoardError {
  return notAdded(sentenceOf('The request is invalid', details), 'invalid_message', details);
}

export function notAdded(message: string, code: string, details?: readonly ErrorDetail[]): BoardError {
  return new BoardError({ status: 400, title: 'The task was not added', message, code, details });
}
