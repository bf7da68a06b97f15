import { type AttemptNotes, LogTail } from '@taskwire/execution/results';
import type { AttemptRecord, TaskRun } from '@taskwire/protocol';
import type { AcceptedTask, Told } from '@taskwire/store';
import type { TaskDefinition } from '@taskwire/tasks';
import { maskedParameters, showText } from '@taskwire/tasks/masking';

/** Longer parameters are left out, in characters of JSON. */
const MAX_PARAMETERS_LENGTH = 8192;
const MAX_ERROR_LENGTH = 500;
const MAX_ATTEMPTS = 20;

export interface RunOptions {
  /** Of the last attempt, if one was made. */
  notes: AttemptNotes | undefined;
  /** The attempts before that, if there is something to say of them. */
  earlier: TaskRun | undefined;
  worker: string;
}

export interface ToldOptions extends RunOptions {
  task: Pick<AcceptedTask, 'task_type' | 'parameters'>;
  /** That of the task, if it is known here. */
  definition: TaskDefinition | undefined;
}

/** What the results stream says of a task besides its result. */
export function toldOf({ task, definition, ...run }: ToldOptions): Told {
  const request = requestOf(task, definition);
  const { notes, earlier } = run;
  const isPlain = !earlier && notes?.log === undefined && notes?.stack === undefined;
  return isPlain ? { request } : { request, run: JSON.stringify(runOf(run)) };
}

/** What a task was asked with: JSON, secret parameters masked. */
export function requestOf(task: ToldOptions['task'], definition: TaskDefinition | undefined): string {
  const parameters = JSON.stringify(maskedParameters(definition, task.parameters));
  const isKept = parameters.length <= MAX_PARAMETERS_LENGTH;
  const type = JSON.stringify(task.task_type);
  return isKept ? `{"task_type":${type},"parameters":${parameters}}` : `{"task_type":${type}}`;
}

/** All attempts so far. */
export function runOf({ notes, earlier, worker }: RunOptions): TaskRun {
  const attempts = [...(earlier?.attempts ?? []), ...(notes ? [recordOf(notes, worker)] : [])];
  const tail = new LogTail();
  for (const line of [...(earlier?.log ?? []), ...(notes?.log ?? [])]) tail.add(line);
  const stack = notes?.stack ?? earlier?.stack;
  const log = tail.lines.length > 0 && { log: tail.lines };
  return { attempts: attempts.slice(-MAX_ATTEMPTS), ...log, ...(stack !== undefined && { stack }) };
}

function recordOf({ attempt, startedAt, endedAt, error }: AttemptNotes, worker: string): AttemptRecord {
  return {
    attempt,
    started_at: new Date(startedAt).toISOString(),
    ended_at: new Date(endedAt).toISOString(),
    ...(error !== undefined && { error: showText(error, MAX_ERROR_LENGTH) }),
    worker,
  };
}
