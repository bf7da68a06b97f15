import { didYouMean, RESERVED_QUEUE_NAMES, taskTypeSchema } from '@taskwire/protocol';
import { z } from 'zod';

/** Waiting time between attempts: `delayMs` after the first, doubled after each further one, at most `maxDelayMs`. */
const backoffSchema = z.strictObject({
  delayMs: z.int().min(0).default(1000),
  maxDelayMs: z.int().min(0).default(60_000),
});

export const policySchema = z.object({
  type: taskTypeSchema.regex(/^[A-Za-z][A-Za-z0-9_.-]*$/, 'must be letters, digits, _ . - and begin with a letter'),
  description: z.string().min(1, 'must say in a sentence what the task does'),
  queue: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case letters, digits and -')
    .refine((queue) => !RESERVED_QUEUE_NAMES.includes(queue), `must not be one of ${RESERVED_QUEUE_NAMES.join(', ')}`)
    .default('default'),
  attempts: z.int().min(1).max(100).default(3),
  backoff: backoffSchema.prefault({}),
  timeoutMs: z
    .int()
    .min(1)
    .max(24 * 60 * 60 * 1000)
    .default(60_000),
  isolated: z.boolean().default(false),
  batch: z.boolean().default(true),
  mcp: z.union([z.boolean(), z.literal('reads_only')], 'must be true, false or "reads_only"').default(false),
});

/** A schema whose values are JSON objects. */
export type ObjectSchema = z.ZodType<object, object>;

export interface TaskOptions<P extends ObjectSchema, R extends ObjectSchema> extends z.input<typeof policySchema> {
  /** What the task accepts; checked when the message arrives and again before the task runs. */
  parameters: P;
  /** What the task returns; if the handler returns something else, the task fails. */
  result: R;
  /** Parameters that work: shown to people who ask how to use the task. */
  example: z.input<P>;
}

/** What a task accepts and returns, and how it runs. Its handler does the work. */
export interface TaskDefinition<P extends ObjectSchema = ObjectSchema, R extends ObjectSchema = ObjectSchema>
  extends z.output<typeof policySchema> {
  readonly parameters: P;
  readonly result: R;
  readonly example: z.input<P>;
}

/** A task definition with a fault in it. */
export class TaskDefinitionError extends Error {
  readonly code = 'invalid_task_definition';

  constructor(type: string, faults: string) {
    super(`The task definition "${type}" is invalid: ${faults}`);
    this.name = 'TaskDefinitionError';
  }
}

/**
 * Defines a task type.
 *
 * Defaults: queue `default`, 3 attempts, 1 s of back-off that doubles up to 60 s, 60 s of run time per attempt, not isolated. `batch`: whether
 * tasks that arrive together may go to one worker together; not if each computes for long. `mcp`: whether AI assistants get it as a tool;
 * `reads_only`: as one that changes nothing.
 *
 * @throws TaskDefinitionError when an option is out of bounds or the example does not fit the parameters.
 */
export function defineTask<const T extends string, P extends ObjectSchema, R extends ObjectSchema>(
  options: TaskOptions<P, R> & { type: T },
): TaskDefinition<P, R> & { readonly type: T } {
  const { parameters, result, example, ...policy } = options;
  const checked = z.strictObject(policySchema.shape).safeParse(policy);
  if (!checked.success) throw new TaskDefinitionError(String(options.type), faultsIn(checked.error));
  for (const [name, schema] of Object.entries({ parameters, result })) {
    // TypeScript ensures this, but a task file may be JavaScript.
    if (typeof schema?.safeParse !== 'function')
      throw new TaskDefinitionError(options.type, `${name}: must be a zod schema`);
    if (!('_zod' in schema))
      throw new TaskDefinitionError(options.type, `${name}: is a schema of another zod: run npm install zod@4`);
  }
  const fits = parameters.safeParse(example);
  if (!fits.success) throw new TaskDefinitionError(options.type, `example: ${z.prettifyError(fits.error)}`);
  const fault = faultAsJson(parameters, example);
  if (fault !== undefined)
    throw new TaskDefinitionError(
      options.type,
      `parameters: are no longer valid as JSON, which requests are (${fault}): take what JSON has, as z.coerce.date() does for z.date()`,
    );
  return Object.freeze({ ...checked.data, type: options.type, parameters, result, example });
}

/** What is wrong with an example when it arrives. */
function faultAsJson(parameters: ObjectSchema, example: object): string | undefined {
  try {
    const { error } = parameters.safeParse(JSON.parse(JSON.stringify(example)));
    return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join(', ');
  } catch (error) {
    return (error as Error).message;
  }
}

function faultsIn(error: z.ZodError): string {
  const options = [...Object.keys(policySchema.shape), 'parameters', 'result', 'example', 'delayMs', 'maxDelayMs'];
  return error.issues
    .map((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys
            .map((key) => `no such option "${[...issue.path, key].join('.')}"${didYouMean(key, options)}`)
            .join(', ')
        : `${issue.path.join('.')}: ${issue.message}`,
    )
    .join(', ');
}
