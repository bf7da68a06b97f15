import { AsyncLocalStorage } from 'node:async_hooks';
import type { LogLine } from '@taskwire/tasks/running';

/** An attempt in this process, as far as faults are concerned. */
export interface FaultOwner {
  task_id: string;
  task_type: string;
  /** Undefined once the attempt has ended. */
  fail: ((thrown: unknown) => void) | undefined;
  /** What its code prints. Default: nobody takes it. */
  takeLine?: ((line: LogLine) => void) | undefined;
}

const owners = new AsyncLocalStorage<FaultOwner | undefined>();

/** Runs code of an attempt: what that throws where nobody catches it, also later, belongs to the attempt. */
export function ownedBy<T>(owner: FaultOwner | undefined, code: () => T): T {
  return owners.run(owner, code);
}

/** The attempt whose code runs. */
export function currentOwner(): FaultOwner | undefined {
  return owners.getStore();
}

/**
 * Call it with what nobody caught. It fails the attempt whose code threw it; if that has ended, it is only logged.
 *
 * @returns false if it belongs to no attempt: then something else in the process is broken.
 */
export function takeFault(thrown: unknown, log: (fields: object, message: string) => void): boolean {
  const owner = currentOwner();
  if (!owner) return false;
  const { task_id, task_type, fail } = owner;
  if (fail) fail(thrown);
  else log({ task_id, task_type, err: thrown }, 'a task threw something after its attempt had ended');
  return true;
}
