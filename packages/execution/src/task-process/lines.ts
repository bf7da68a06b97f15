import type { Readable } from 'node:stream';
import { errorCodeSchema, errorDetailSchema, isJsonObject, type JsonValue, jsonObjectSchema } from '@taskwire/protocol';
import type { AcceptedTask } from '@taskwire/store';
import { MayStillRunError } from '@taskwire/tasks';
import { type Failure, type FurtherTask, LOG_LEVELS } from '@taskwire/tasks/running';
import { z } from 'zod';

/** What a task process is told of an attempt: a line of JSON on its standard input. */
export interface TaskLine extends Pick<AcceptedTask, 'task_id' | 'task_type' | 'parameters' | 'user_id' | 'metadata'> {
  attempt: number;
  timeout_ms: number;
  /** What an earlier attempt has left. */
  checkpoint?: JsonValue | undefined;
  /** Resident memory of the process, beyond which it ends. Default: no limit. */
  max_bytes?: number | undefined;
}

/** The answer to a line with a checkpoint or a further task: that Redis has it, or why not. They come in the order of those. */
export type AnswerLine = { checkpoint_kept: boolean; error?: string } | { submitted: string | null; error?: string };

const errorSchema = z.object({
  message: z.string(),
  code: errorCodeSchema.default('task_failed'),
  details: z.array(errorDetailSchema).optional(),
  retryable: z.boolean().default(true),
  still_runs: z.string().optional(),
  stack: z.string().optional(),
});

/** What it says, a line of JSON each, on its standard output. The last about an attempt is its result or error. */
const saidSchema = z.union([
  z.object({ result: jsonObjectSchema }),
  z.object({ error: errorSchema.or(z.string().transform((message) => errorSchema.parse({ message }))) }),
  z.object({ ready: z.literal(true) }),
  z.object({ progress: z.number(), message: z.string().optional() }),
  z.object({
    log: z.string(),
    level: z.enum(LOG_LEVELS).default('info'),
    fields: z.record(z.string(), z.unknown()).optional(),
  }),
  z.object({ checkpoint: z.json() }),
  // Checked where it is sent, and refused there in an answer.
  z.object({ submit: z.custom<FurtherTask>(isJsonObject) }),
  // Before the last one: something of the task is left in the process.
  z.object({ spoilt: z.literal(true) }),
]);

export type Said = z.input<typeof saidSchema>;

const RESULT = '{"result":';

/** What a line says. One that is not of the protocol is something to log. */
export function saidIn(line: string, isOurs: boolean): z.output<typeof saidSchema> | { json: string } {
  if (isOurs && line.startsWith(RESULT)) return { json: line.slice(RESULT.length, -1) };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { log: line, level: 'info' };
  }
  const said = saidSchema.safeParse(value);
  if (said.success) return said.data;
  if (isOurs || !isJsonObject(value)) return { log: line, level: 'info' };
  // A program that misspells its result must not run until its time is up.
  const message = `The program wrote ${line.slice(0, 200)}, which is no progress, log, checkpoint, result or error`;
  return { error: { message, code: 'task_failed', retryable: false } };
}

/** A failure as a line carries it: as it was in its own process, with the stack for the log. */
export function errorOf({ error: message, code, details, retryable, cause }: Failure): z.output<typeof errorSchema> {
  const stack = cause instanceof Error ? cause.stack : undefined;
  const stillRuns = cause instanceof MayStillRunError && { still_runs: cause.message };
  return { message, code, retryable, ...(details && { details }), ...(stack !== undefined && { stack }), ...stillRuns };
}

export function failureIn(said: z.output<typeof errorSchema>): Failure {
  const { message: error, stack, details, still_runs, ...rest } = said;
  const thrown = stack === undefined ? undefined : Object.assign(new Error(error), { stack });
  const cause = still_runs === undefined ? thrown : new MayStillRunError(still_runs);
  return { ...rest, error, ...(details && { details }), cause };
}

/** Calls back with each line of a stream. Not `readline`, for which JSON's U+2028 ends a line. */
export function eachLine(stream: Readable, take: (line: string) => void, { rest = false } = {}): void {
  let held: string[] = [];
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    const [first = '', ...others] = chunk.split('\n');
    held.push(first);
    for (const next of others) {
      take(held.join(''));
      held = [next];
    }
  });
  if (rest) stream.on('end', () => held.join('') !== '' && take(held.join('')));
}
