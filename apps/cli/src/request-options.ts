import { type JsonObject, type RequestInput, rawNumber, type UserId } from '@taskwire/protocol';
import type { Command } from 'commander';
import { UsageError } from './command-error.ts';
import { knownTask } from './known-task.ts';
import { readParameters } from './parameters.ts';

/** The options that `run` and `submit` share. */
export interface RequestOptions {
  /** The parameters as JSON; true if the option had no value. */
  json?: string | true;
  id?: string;
  user?: string;
  metadata?: string;
  priority?: string;
  delay?: string;
  timeoutMs?: string;
  attempts?: string;
}

export function withRequestOptions(command: Command): Command {
  return command
    .argument('<type>', 'task type; `taskwire tasks` lists them')
    .argument('[parameters...]', 'as key=value')
    .option('--json [parameters]', 'print JSON; with a value, take the parameters from it instead of key=value')
    .option('--id <id>', 'task id; asking again with the same id runs nothing twice')
    .option('--user <id>', 'user id, echoed in the result; one that is a number is sent as a number')
    .option('--metadata <json>', 'a JSON object, echoed in the result')
    .option('--priority <n>', '1 (first) to 1000; a task without one goes before all that have one')
    .option('--delay <ms>', 'wait this long before the first attempt')
    .option('--timeout-ms <ms>', 'longest run of one attempt')
    .option('--attempts <n>', 'maximum attempts');
}

/** The request that a user asks for. @throws UsageError */
export async function requestOf(
  type: string,
  words: readonly string[],
  options: RequestOptions,
): Promise<RequestInput> {
  const definition = await knownTask(type);
  const { json } = options;
  // `--json key=value` is the option without a value, then a first parameter.
  const parameters =
    typeof json === 'string' && /^\w+=/.test(json)
      ? readParameters(definition, [json, ...words])
      : readParameters(definition, words, json === true ? undefined : json);
  const numbers = {
    priority: numberOf('--priority', options.priority),
    delay_ms: numberOf('--delay', options.delay),
    timeout_ms: numberOf('--timeout-ms', options.timeoutMs),
    attempts: numberOf('--attempts', options.attempts),
  };
  return {
    task_type: type,
    parameters,
    ...(options.id !== undefined && { task_id: options.id }),
    ...(options.user !== undefined && { user_id: userIdOf(options.user) }),
    ...(options.metadata !== undefined && { metadata: objectOf('--metadata', options.metadata) }),
    ...Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined)),
  };
}

/** The number that an option takes. */
function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw new UsageError(`${option} takes a number, not "${text}".`);
  return number;
}

function userIdOf(text: string): UserId {
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? rawNumber(text) : text;
}

function objectOf(option: string, text: string): JsonObject {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    throw new UsageError(`${option} takes a JSON object, not "${text}".`);
  }
}
