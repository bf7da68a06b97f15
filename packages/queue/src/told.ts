import type { AcceptedTask, Told } from '@taskwire/store';

/** Longer parameters are left out, in characters of JSON. */
const MAX_PARAMETERS_LENGTH = 8192;

/** What the results stream says of a task besides its result. */
export function toldOf(task: Pick<AcceptedTask, 'task_type' | 'parameters'>): Told {
  const parameters = JSON.stringify(task.parameters);
  const isKept = parameters.length <= MAX_PARAMETERS_LENGTH;
  const type = JSON.stringify(task.task_type);
  return { request: isKept ? `{"task_type":${type},"parameters":${parameters}}` : `{"task_type":${type}}` };
}
