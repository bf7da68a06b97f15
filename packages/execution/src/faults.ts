import type { SecretMask } from '@taskwire/tasks/masking';
import { type AttemptScope, attemptScope, type LogLine } from '@taskwire/tasks/running';

/** An attempt in this process, as far as faults are concerned. */
export interface FaultOwner extends AttemptScope {
  task_id: string;
  task_type: string;
  /** Undefined once the attempt has ended. */
  fail: ((thrown: unknown) => void) | undefined;
  /** What its code prints. Default: nobody takes it. */
  takeLine?: ((line: LogLine) => void) | undefined;
  /** Of its task's secrets. Default: it has none. */
  mask?: SecretMask | undefined;
}

/** Runs code of an attempt: what that throws where nobody catches it, also later, belongs to the attempt. */
export function ownedBy<T>(owner: FaultOwner | undefined, code: () => T): T {
  return attemptScope.run(owner, code);
}

/** The attempt whose code runs. */
export function currentOwner(): FaultOwner | undefined {
  // A handler that runs in no worker has a scope, but no owner.
  const scope = attemptScope.getStore();
  return scope && 'task_id' in scope ? (scope as FaultOwner) : undefined;
}

/**
 * Call it with what nobody caught. It fails the attempt whose code threw it; if that has ended, it is only logged.
 *
 * @returns false if it belongs to no attempt: then something else in the process is broken.
 */
export function takeFault(thrown: unknown, log: (fields: object, message: string) => void): boolean {
  const owner = currentOwner();
  if (!owner) return false;
  const { task_id, task_type, fail, mask } = owner;
  if (fail) fail(thrown);
  else
    log(
      { task_id, task_type, err: mask ? mask.thrown(thrown) : thrown },
      'a task threw something after its attempt had ended',
    );
  return true;
}
