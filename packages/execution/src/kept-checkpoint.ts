import type { JsonValue } from '@taskwire/protocol';
import type { KeptCheckpoint } from '@taskwire/store';
import { HandOver } from '@taskwire/tasks';

/** @throws unless it was kept: the attempt goes on in vain then */
export function expectKept(status: KeptCheckpoint['status']): void {
  if (status === 'passed') throw new HandOver('Another worker has taken the task over');
  if (status === 'ended') throw new Error('The task has ended');
}

export function checkpointIn(text: string | undefined): JsonValue | undefined {
  return text === undefined ? undefined : JSON.parse(text);
}
