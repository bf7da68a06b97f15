import type { CompletedResult, ErrorResult, JsonObject, RequestInput } from '@taskwire/protocol';
import type { z } from 'zod';
import type { WaitOptions } from './wait-for-result.ts';

/** What a caller needs of a task's definition: with it the compiler knows parameters and result. */
export interface TypedTask {
  readonly type: string;
  readonly parameters: z.ZodType<object, object>;
  readonly result: z.ZodType<object, object>;
}

export type ParametersOf<T extends TypedTask> = z.input<T['parameters']>;

/** The result of a task of that type, which may be an error. */
export type ResultOf<T extends TypedTask> =
  | (Omit<CompletedResult, 'result'> & { result: z.output<T['result']> })
  | ErrorResult;

/** What a request may say besides type and parameters. */
export interface TypedOptions extends Omit<RequestInput, 'task_type' | 'parameters'> {
  /** How to wait for the result. */
  wait?: WaitOptions;
}

/** What is asked for, in whichever of the two forms. */
export function askedFor(asked: RequestInput | TypedTask, second: object, options: TypedOptions) {
  if ('task_type' in asked) return { input: asked, wait: second as WaitOptions };
  const { wait = {}, ...request } = options;
  const input: RequestInput = { ...request, task_type: asked.type, parameters: second as JsonObject };
  return { input, wait };
}
