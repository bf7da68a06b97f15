import { plainUserId } from '@taskwire/protocol';
import type { Logger } from '@taskwire/service';
import type { AcceptedTask } from '@taskwire/store';
import type { Failure, LogLine } from '@taskwire/tasks/running';
import { ownedBy } from './faults.ts';

const MAX_LINES = 20;
const MAX_LINE_LENGTH = 500;
const MAX_STACK_LENGTH = 4096;

/** What is known of an attempt besides its outcome. */
export interface AttemptNotes {
  attempt: number;
  /** ms since 1970, as all times here. */
  startedAt: number;
  endedAt: number;
  error?: string;
  /** Where the handler threw. */
  stack?: string;
  /** The last lines that the handler logged. */
  log: readonly string[];
}

/** Gathers them while an attempt is made. */
export class NoteTaker {
  readonly #lines: string[] = [];
  readonly #which: object;
  readonly #logger: Logger;

  constructor({ task_id, task_type, user_id }: AcceptedTask, logger: Logger) {
    const user = user_id !== null && { user_id: plainUserId(user_id) };
    this.#which = { task_id, task_type, ...user };
    this.#logger = logger;
  }

  /** For the handler. */
  readonly take = ({ level, message, fields }: LogLine): void => {
    this.#lines.push(message.slice(0, MAX_LINE_LENGTH));
    if (this.#lines.length > MAX_LINES) this.#lines.shift();
    // The handler calls it, but its faults would be ours.
    ownedBy(undefined, () => {
      // In a child: an error of the task's own Redis does not say what ours refuses.
      if (fields) this.#logger.child({ ...fields, ...this.#which })[level](message);
      else this.#logger[level](this.#which, message);
    });
  };

  notes(attempt: Pick<AttemptNotes, 'attempt' | 'startedAt'>, failure?: Failure): AttemptNotes {
    const { error, cause } = failure ?? {};
    const stack = failure?.retryable && cause instanceof Error ? cause.stack?.slice(0, MAX_STACK_LENGTH) : undefined;
    const failed = { ...(error !== undefined && { error }), ...(stack !== undefined && { stack }) };
    return { ...attempt, endedAt: Date.now(), log: this.#lines, ...failed };
  }
}
