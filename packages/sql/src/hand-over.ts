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
