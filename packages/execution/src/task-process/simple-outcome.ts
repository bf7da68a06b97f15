import { basename } from 'node:path';
import { isJsonObject, type JsonObject } from '@taskwire/protocol';
import type { Program } from '@taskwire/tasks';
import { failed } from '@taskwire/tasks/running';
import type { AttemptOutcome } from '../attempt.ts';
import { programFailed } from '../failures.ts';
import type { Died } from './died.ts';

/** What the end of a simple program says of its task: `output` is all that it has written. */
export function simpleOutcome({ file, command }: Program, died: Died, output: string): AttemptOutcome | Died {
  const { how, lastLines } = died;
  if (!how.startsWith('exit code')) return died;
  const name = command.join(' ');
  if (how !== 'exit code 0') return failed(programFailed(`${name} ended with ${how}`, { lastLines, retryable: true }));
  const result = jsonObjectIn(output);
  if (result) return { status: 'completed', result };
  const written = output.trim() === '' ? 'nothing' : JSON.stringify(output.trim().slice(0, 200));
  const what = `${name} (${basename(file)}) must print its result as a JSON object, and all else on standard error, but printed ${written}`;
  return failed(programFailed(what, { lastLines, retryable: false }));
}

function jsonObjectIn(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
