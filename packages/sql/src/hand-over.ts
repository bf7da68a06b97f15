import type { JsonValue } from '@taskwire/protocol';

/** How a statement goes on in another process, if this one ends. */
export interface Handover {
  /** What an earlier attempt has left; undefined: it begins here. */
  readonly left: JsonValue | undefined;
  /** Leaves something for the next attempt. It has it when this resolves. @throws when another process has the statement now */
  readonly keep: (value: JsonValue) => Promise<void>;
  /** Aborted when this process is about to stop: then leave the statement to the engine, and throw the signal's reason. */
  readonly stopping: AbortSignal;
}

/** When an earlier attempt has first sent the statement, in ms since 1970; undefined if none has. */
export function sentBefore(left: JsonValue | undefined): number | undefined {
  const { since } = (left ?? {}) as { since?: unknown };
  return typeof since === 'number' ? since : undefined;
}
