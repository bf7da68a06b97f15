import { type TaskEvent, timestampOf } from '@taskwire/protocol';
import type { AcceptedTask } from '@taskwire/store';
import type { SecretMask } from '@taskwire/tasks/masking';
import { ownedBy } from './faults.ts';
import type { Run } from './run.ts';

const MAX_MESSAGE_LENGTH = 1000;
const SHOW_INTERVAL_MS = 1000;

interface ProgressOptions {
  tell: (event: TaskEvent) => void;
  show: Run['showProgress'];
  task: AcceptedTask;
  mask: SecretMask | undefined;
}

/** From 0 to 1, whatever a handler says. */
export function fractionOf(fraction: number): number {
  return Math.min(1, Math.max(0, fraction)) || 0;
}

/** Publishes the progress of a handler, until it is disposed when the attempt ends. */
export function progressTeller({ tell, show, mask, task: { task_id, task_type, user_id } }: ProgressOptions) {
  let ended = false;
  let shownAt = 0;
  const say = (fraction: number, said?: string) => {
    const now = Date.now();
    const message = mask && said !== undefined ? mask.text(String(said)) : said;
    const told = {
      progress: fractionOf(fraction),
      ...(message !== undefined && { message: String(message).slice(0, MAX_MESSAGE_LENGTH) }),
    };
    tell({ task_id, task_type, user_id, timestamp: timestampOf(now), event: 'progress', ...told });
    if (now - shownAt < SHOW_INTERVAL_MS) return;
    shownAt = now;
    show(told);
  };
  return {
    tell(fraction: number, message?: string): void {
      // The handler calls it, but its faults would be ours.
      if (!ended) ownedBy(undefined, () => say(fraction, message));
    },
    [Symbol.dispose](): void {
      ended = true;
    },
  };
}
