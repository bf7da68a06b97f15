import { type Decoded, type DecodeOptions, decodeRequest, type Rejection, type TaskRequest } from '@taskwire/protocol';
import type { TaskDefinition, TaskRegistry } from '@taskwire/tasks';
import { checkParameters } from '@taskwire/tasks/running';

/** A request whose task type exists and accepts its parameters. */
export interface ValidTask {
  request: TaskRequest;
  definition: TaskDefinition;
}

export type Validated =
  /** `named`: whether the message itself names its task. */
  { status: 'valid'; task: ValidTask; named: boolean } | { status: 'rejected'; rejection: Rejection };

export interface ValidateOptions extends DecodeOptions {
  registry: TaskRegistry;
}

/** Turns the bytes of a message into a task, or into a rejection. Never throws. */
export function validate(message: Uint8Array, { registry, ...options }: ValidateOptions): Validated {
  return validateDecoded(decodeRequest(message, options), registry);
}

/** The same for a decoded message. */
export function validateDecoded(decoded: Decoded, registry: TaskRegistry): Validated {
  if (decoded.status === 'rejected') return decoded;
  const { request, named } = decoded;
  const definition = registry.get(request.task_type);
  if (!definition) return rejected(request, 'unknown_task_type', registry.explainUnknown(request.task_type));
  const checked = checkParameters(definition, request.parameters);
  if (checked.status === 'invalid') {
    const { code, error, details } = checked.failure;
    return rejected(request, code, error, details);
  }
  return { status: 'valid', task: { request, definition }, named };
}

/** The rejection of a request that could be read. */
export function rejectionOf(
  request: TaskRequest,
  code: Rejection['code'],
  error: string,
  details?: Rejection['details'],
): Rejection {
  return { code, error, ...(details && { details }), task: request };
}

function rejected(...rejection: Parameters<typeof rejectionOf>): Validated {
  return { status: 'rejected', rejection: rejectionOf(...rejection) };
}
