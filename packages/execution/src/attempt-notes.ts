import { plainUserId, type TaskLogLine } from '@taskwire/protocol';
import type { Logger } from '@taskwire/service';
import type { AcceptedTask } from '@taskwire/store';
import { type SecretMask, showText, showValue } from '@taskwire/tasks/masking';
import type { Failure, LogLine } from '@taskwire/tasks/running';
import { ownedBy } from './faults.ts';
import { LogTail } from './log-tail.ts';
import { ownStack } from './own-frames.ts';

/** In characters. */
const MAX_FIELDS_LENGTH = 4000;
const MAX_STACK_LENGTH = 4096;

/** What is known of an attempt besides its outcome. */
export interface AttemptNotes {
  attempt: number;
  /** ms since 1970, as all times here. */
  startedAt: number;
  endedAt: number;
  error?: string;
  /** Where the handler threw: its own frames. */
  stack?: string;
  /** The last lines that the handler logged, if it logged any. */
  log?: readonly TaskLogLine[];
}

export interface NoteTakerOptions {
  task: AcceptedTask;
  attempt: number;
  logger: Logger;
  /** Of the task's secrets, if it has any. */
  mask: SecretMask | undefined;
}

/** Gathers them while an attempt is made. */
export class NoteTaker {
  readonly #task: AcceptedTask;
  readonly #attempt: number;
  readonly #logger: Logger;
  readonly #mask: SecretMask | undefined;
  #tail: LogTail | undefined;

  constructor({ task, attempt, logger, mask }: NoteTakerOptions) {
    this.#task = task;
    this.#attempt = attempt;
    this.#logger = logger;
    this.#mask = mask;
  }

  /** For the handler. */
  readonly take = ({ level, ...said }: LogLine): void => {
    const { message, fields } = (this.#mask?.in(said) as typeof said | undefined) ?? said;
    this.#tail ??= new LogTail();
    this.#tail.add({
      attempt: this.#attempt,
      timestamp: new Date().toISOString(),
      level,
      message: showText(message),
      ...(fields && { fields: showValue(fields, MAX_FIELDS_LENGTH) as object }),
    });
    const { task_id, task_type, user_id } = this.#task;
    const which = { task_id, task_type, ...(user_id !== null && { user_id: plainUserId(user_id) }) };
    // The handler calls it, but its faults would be ours.
    ownedBy(undefined, () => {
      // In a child: an error of the task's own Redis does not say what ours refuses.
      if (fields) this.#logger.child({ ...fields, ...which })[level](message);
      else this.#logger[level](which, message);
    });
  };

  notes(startedAt: number, failure?: Failure): AttemptNotes {
    const { error, cause } = failure ?? {};
    const frames = cause instanceof Error ? ownStack(cause) : undefined;
    return {
      attempt: this.#attempt,
      startedAt,
      endedAt: Date.now(),
      ...(error !== undefined && { error }),
      ...(frames !== undefined && { stack: showText(frames, MAX_STACK_LENGTH) }),
      ...(this.#tail && { log: this.#tail.lines }),
    };
  }
}
