import { AsyncLocalStorage } from 'node:async_hooks';
import type { JsonValue } from '@taskwire/protocol';

/** Keeps a checkpoint of the attempt that runs. */
export type KeepCheckpoint = (value: JsonValue) => Promise<void>;

/** What is known of an attempt wherever its code goes on. Whoever runs handlers may note more. */
export interface AttemptScope {
  keep?: KeepCheckpoint | undefined;
}

/** The scope of the attempt whose code runs. */
export const attemptScope = new AsyncLocalStorage<AttemptScope | undefined>();

/**
 * Leaves a checkpoint with the task of the handler that calls this: JSON of at most 4096 bytes. When it resolves, Redis has
 * it. The next attempt, in whatever worker, finds the latest one as `context.checkpoint`. It ends with the task.
 *
 * @throws when it is too large, when the task has ended, or when another worker has taken the task over: then end at once
 */
export async function checkpoint(value: JsonValue): Promise<void> {
  const keep = attemptScope.getStore()?.keep;
  if (!keep) throw new Error('checkpoint() keeps something for a task: call it while its handler runs');
  await keep(value);
}

/** For what runs handlers. */
export function keepingCheckpoints<T>(keep: KeepCheckpoint, work: () => T): T {
  const scope = attemptScope.getStore();
  if (!scope) return attemptScope.run({ keep }, work);
  scope.keep = keep;
  return work();
}
