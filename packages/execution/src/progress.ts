import type { TaskEvent } from '@taskwire/protocol';
import type { AcceptedTask } from '@taskwire/store';
import type { Run } from './run.ts';

const MAX_MESSAGE_LENGTH = 1000;
const SHOW_INTERVAL_MS = 1000;

interface ProgressOptions {
  tell: (event: TaskEvent) => void;
  show: Run['showProgress'];
  task: AcceptedTask;
}

/** Publishes the progress of a handler, until it is disposed when the attempt ends. */
export function progressTeller({ tell, show, task: { task_id, task_type, user_id } }: ProgressOptions) {
  let ended = false;
  let shownAt = 0;
  return {
    tell(fraction: number, message?: string): void {
      if (ended) return;
      const now = Date.now();
      const told = {
        progress: Math.min(1, Math.max(0, fraction)) || 0,
        ...(message !== undefined && { message: String(message).slice(0, MAX_MESSAGE_LENGTH) }),
      };
      tell({ task_id, task_type, user_id, timestamp: new Date(now).toISOString(), event: 'progress', ...told });
      if (now - shownAt < SHOW_INTERVAL_MS) return;
      shownAt = now;
      show(told);
    },
    [Symbol.dispose](): void {
      ended = true;
    },
  };
}
