import type { JsonObject, JsonValue, RequestInput } from '@taskwire/protocol';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { TaskDefinition } from './define-task.ts';

/** What a handler is given for one attempt at a task. */
export interface TaskContext<Parameters> {
  parameters: Parameters;
  taskId: string;
  /** Who asked for the task. A number of which JavaScript would lose digits comes as a string of them. */
  userId: string | number | null;
  /** What the request holds for whom it concerns. */
  metadata: JsonObject;
  /** 1 for the first attempt. */
  attempt: number;
  /** How long this attempt may take, in ms: then `signal` is aborted. */
  timeoutMs: number;
  /**
   * Aborted when the task's time is up, when it is cancelled, or when its worker stops: end soon then; what you return no
   * longer counts. After 5 s the worker stops waiting for the handler.
   */
  signal: AbortSignal;
  /**
   * Aborted, with a `HandOver`, when the worker begins to stop. Go on, and end within `services.stop_timeout_ms`; or throw that
   * reason, if a checkpoint tells the next attempt how to go on.
   */
  stopping?: AbortSignal | undefined;
  /** What an earlier attempt has left by `checkpoint(value)`; undefined when none has. */
  checkpoint?: JsonValue | undefined;
  /** Tells watchers how far the task is: a fraction from 0 to 1, and a message for people. */
  progress: (fraction: number, message?: string) => void;
  /** Writes a line to the worker's log, with the task's id, and to that of the task, which is kept with the result (docs/results.md). */
  log: (message: string) => void;
  /** The same at other levels, and with fields. Made when it is asked for, so `{ ...context }` does not hold it. */
  readonly logger: Logger;
  /** Asks for a further task; when it resolves, with the id, that is durable. */
  submit: SubmitTask;
}

/**
 * What a further task may say besides type and parameters. Its `user_id` is that of this task by default.
 *
 * `key` names it among the further tasks of this one; the default is the number of the call. A second attempt that asks for the same key
 * again means the same task, which does not run again.
 */
export interface SubmitOptions extends Omit<RequestInput, 'task_type' | 'parameters' | 'task_id' | 'user_id'> {
  key?: string;
  user_id?: string | number | null;
}

/** By definition, which checks the parameters at once, or by type. */
export type SubmitTask = <T extends TaskDefinition | string>(
  task: T,
  parameters: T extends TaskDefinition ? z.input<T['parameters']> : object,
  options?: SubmitOptions,
) => Promise<string>;

/** Runs one attempt. What it throws fails the attempt; see `PermanentError` for what must not be tried again. */
export type TaskHandler<Parameters = never, Result = object> = (
  context: TaskContext<Parameters>,
) => Promise<Result> | Result;

/** The handler that fits a definition. */
export type HandlerOf<D extends TaskDefinition> = TaskHandler<z.output<D['parameters']>, z.input<D['result']>>;

/** A handler for each of the definitions, by type: leaving one out is a type error. */
export type HandlersOf<Ds extends readonly TaskDefinition[]> = {
  readonly [D in Ds[number] as D['type']]: HandlerOf<D>;
};
