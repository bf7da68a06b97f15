import type { JsonValue } from '@taskwire/protocol';
import type { KeptCheckpoint } from '@taskwire/store';
import { HandOver } from '@taskwire/tasks';

const MAX_BYTES = 4096;

/** @throws what a handler's author should know */
export function checkpointText(value: unknown): string {
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`A checkpoint must be JSON, not ${typeof value}`);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES)
    throw new RangeError(`A checkpoint may take ${MAX_BYTES} bytes as JSON; this one takes ${bytes}`);
  return text;
}

/** @throws unless it was kept: the attempt goes on in vain then */
export function expectKept(status: KeptCheckpoint['status']): void {
  if (status === 'passed') throw new HandOver('Another worker has taken the task over');
  if (status === 'ended') throw new Error('The task has ended');
}

export function checkpointIn(text: string | undefined): JsonValue | undefined {
  return text === undefined ? undefined : JSON.parse(text);
}
