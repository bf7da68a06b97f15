import type { AttemptNotes } from '@taskwire/execution';
import type { AcceptedTask, Told } from '@taskwire/store';

/** An attempt, as the results stream tells of it. */
export interface AttemptRecord {
  attempt: number;
  /** ISO 8601, as `ended_at`. */
  started_at: string;
  ended_at: string;
  error?: string;
  /** The process that made it. */
  worker: string;
}

/** Longer parameters are left out, in characters of JSON. */
const MAX_PARAMETERS_LENGTH = 8192;
const MAX_ERROR_LENGTH = 500;

export function recordOf({ attempt, startedAt, endedAt, error }: AttemptNotes, worker: string): AttemptRecord {
  return {
    attempt,
    started_at: new Date(startedAt).toISOString(),
    ended_at: new Date(endedAt).toISOString(),
    ...(error !== undefined && { error: error.slice(0, MAX_ERROR_LENGTH) }),
    worker,
  };
}

export interface ToldOptions {
  task: Pick<AcceptedTask, 'task_type' | 'parameters'>;
  /** Of the last attempt, if one was made. */
  notes: AttemptNotes | undefined;
  /** Attempts before that. */
  earlier: readonly AttemptRecord[];
  worker: string;
}

/** What the results stream says of a task besides its result. */
export function toldOf({ task, notes, earlier, worker }: ToldOptions): Told {
  const parameters = JSON.stringify(task.parameters);
  const isKept = parameters.length <= MAX_PARAMETERS_LENGTH;
  const type = JSON.stringify(task.task_type);
  const request = isKept ? `{"task_type":${type},"parameters":${parameters}}` : `{"task_type":${type}}`;
  const { log = [], stack } = notes ?? {};
  if (earlier.length === 0 && log.length === 0 && stack === undefined) return { request };
  const attempts = [...earlier, ...(notes ? [recordOf(notes, worker)] : [])];
  return { request, run: JSON.stringify({ attempts, ...(log.length > 0 && { log }), stack }) };
}
