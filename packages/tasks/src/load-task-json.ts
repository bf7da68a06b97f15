import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { errorDetailsOf, type JsonObject, jsonObjectSchema, sentenceOf } from '@taskwire/protocol';
import { z } from 'zod';
import { defineTask, policySchema, type TaskDefinition } from './define-task.ts';
import { zodFromJsonSchema } from './json-schema-check.ts';
import type { Program } from './program.ts';
import { usesFile } from './task-file-hooks.ts';

const { type, description, queue, attempts, backoff, timeoutMs, mcp } = policySchema.shape;
const { delayMs, maxDelayMs } = backoff.unwrap().shape;

/** What a `.task.json` file says. */
const taskFileSchema = z.strictObject({
  type,
  description,
  queue,
  attempts,
  backoff: z.strictObject({ delay_ms: delayMs, max_delay_ms: maxDelayMs }).prefault({}),
  timeout_ms: timeoutMs,
  batch: z.boolean().optional(),
  mcp,
  parameters: jsonObjectSchema,
  result: jsonObjectSchema,
  example: jsonObjectSchema,
  command: z.tuple([z.string().min(1)], z.string()),
  mode: z.enum(['simple', 'stream']).default('simple'),
  processes: z.int().min(1).max(100).default(4),
});

/** Reads a task whose handler is a program. @throws what is wrong with the file. */
export function loadTaskJson(file: string): { definition: TaskDefinition; handler: Program } {
  usesFile(file);
  const parsed = taskFileSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!parsed.success)
    throw new Error(sentenceOf('it is invalid', errorDetailsOf(parsed.error, '', Object.keys(taskFileSchema.shape))));
  const { command, mode, processes, parameters, result, backoff, timeout_ms, batch, ...same } = parsed.data;
  // Its program, or the script that this is given, if it is one of those in the folder.
  for (const word of command) usesFile(resolve(dirname(file), word));
  const definition = defineTask({
    ...same,
    timeoutMs: timeout_ms,
    backoff: { delayMs: backoff.delay_ms, maxDelayMs: backoff.max_delay_ms },
    // Starting a process costs more than a job.
    batch: batch ?? mode === 'stream',
    parameters: schemaFrom({ parameters }),
    result: schemaFrom({ result }),
  });
  return { definition, handler: { file, folder: dirname(file), command, mode, processes } };
}

function schemaFrom(named: Record<string, JsonObject>) {
  const [[name, schema]] = Object.entries(named) as [[string, JsonObject]];
  try {
    return zodFromJsonSchema(schema);
  } catch (error) {
    throw new Error(`${name}: must be a JSON Schema (draft 2020-12), but ${(error as Error).message}`);
  }
}
