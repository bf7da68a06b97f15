import { type JsonValue, plainUserId, type TaskEvent, timestampOf } from '@taskwire/protocol';
import type { Logger } from '@taskwire/service';
import type { TaskDefinition } from '@taskwire/tasks';
import { maskOf, type SecretMask, showText, showValue } from '@taskwire/tasks/masking';
import { type AttemptHost, checkpointText, type Failure, furtherTasks, type LogLine } from '@taskwire/tasks/running';
import type { Attempt } from './attempt.ts';
import { type AttemptNotes, notesOf } from './attempt-notes.ts';
import { ownedBy } from './faults.ts';
import { checkpointIn, expectKept } from './kept-checkpoint.ts';
import { LogTail } from './log-tail.ts';
import { attemptOf, type Run } from './run.ts';

/** In characters. */
const MAX_FIELDS_LENGTH = 4000;
const MAX_MESSAGE_LENGTH = 1000;
/** Showing it in the queue costs a round trip. */
const SHOW_INTERVAL_MS = 1000;

export interface OngoingAttemptOptions {
  /** Puts a request where it is durable: a handler asks for a further task. */
  submit: (message: string) => Promise<unknown>;
  /** Publishes an event. */
  tell: (event: TaskEvent) => void;
  logger: Logger;
  /** Aborted when the worker begins to stop, for handlers that can hand their task over. */
  stopping: AbortSignal;
}

/** An attempt while it is made, and what its handler gets. What few handlers ask for is made when they do. */
export class OngoingAttempt implements AttemptHost {
  readonly made: Attempt;
  readonly mask: SecretMask | undefined;
  readonly taskId: string;
  readonly userId: AttemptHost['userId'];
  readonly metadata: AttemptHost['metadata'];
  readonly parameters: unknown;
  readonly attempt: number;
  readonly timeoutMs: number;
  readonly stopping: AbortSignal;
  readonly logLevel: string;
  readonly checkpoint: JsonValue | undefined;
  signal = undefined as unknown as AbortSignal;
  hasBegun = false;
  /** The task is another worker's now; so is its result. */
  isPassed = false;
  isOver = false;
  readonly #run: Run;
  readonly #options: OngoingAttemptOptions;
  #startTime: (() => void) | undefined;
  #log: LogTail | undefined;
  #shownAt = 0;
  #submit: AttemptHost['submit'] | undefined;

  constructor(run: Run, definition: TaskDefinition, options: OngoingAttemptOptions) {
    const { task_id, user_id, metadata, parameters, timeout_ms } = run.task;
    this.made = attemptOf(run);
    this.mask = maskOf(definition, parameters);
    this.taskId = task_id;
    this.userId = user_id;
    this.metadata = metadata;
    this.parameters = parameters;
    this.attempt = this.made.number;
    this.timeoutMs = timeout_ms ?? definition.timeoutMs;
    this.stopping = options.stopping;
    this.logLevel = options.logger.level;
    this.checkpoint = checkpointIn(run.checkpoint);
    this.#run = run;
    this.#options = options;
  }

  /** @param startTime begins its time limit. */
  within(signal: AbortSignal, startTime: () => void): this {
    this.signal = signal;
    this.#startTime = startTime;
    return this;
  }

  readonly begin = (): void => {
    const { task_id, task_type, user_id } = this.made.task;
    this.hasBegun = true;
    this.made.startedAt = Date.now();
    const timestamp = timestampOf(this.made.startedAt);
    this.#options.tell({ task_id, task_type, user_id, timestamp, event: 'started', attempt: this.attempt });
    this.#startTime?.();
  };

  readonly keep: AttemptHost['keep'] = async (value) => {
    const status = await this.#run.keepCheckpoint(checkpointText(value));
    this.isPassed = status === 'passed';
    expectKept(status);
  };

  readonly progress: AttemptHost['progress'] = (fraction, said) => {
    // The handler calls it, but its faults would be ours.
    if (!this.isOver) ownedBy(undefined, () => this.#tellProgress(fraction, said));
  };

  readonly submit: AttemptHost['submit'] = (task) => {
    this.#submit ??= furtherTasks(this.#run.task, this.#options.submit);
    return this.#submit(task);
  };

  readonly takeLine = ({ level, ...said }: LogLine): void => {
    const { message, fields } = (this.mask?.in(said) as typeof said | undefined) ?? said;
    this.#log ??= new LogTail();
    this.#log.add({
      attempt: this.attempt,
      timestamp: new Date().toISOString(),
      level,
      message: showText(message),
      ...(fields && { fields: showValue(fields, MAX_FIELDS_LENGTH) as object }),
    });
    const { logger } = this.#options;
    const { task_id, task_type, user_id } = this.#run.task;
    const which = { task_id, task_type, ...(user_id !== null && { user_id: plainUserId(user_id) }) };
    ownedBy(undefined, () => {
      // In a child: an error of the task's own Redis does not say what ours refuses.
      if (fields) logger.child({ ...fields, ...which })[level](message);
      else logger[level](which, message);
    });
  };

  notes(failure: Failure | undefined): AttemptNotes {
    return notesOf(this.made, failure, this.#log?.lines);
  }

  #tellProgress(fraction: number, said: string | undefined): void {
    const { task, showProgress } = this.#run;
    const { task_id, task_type, user_id } = task;
    const now = Date.now();
    const message = this.mask && said !== undefined ? this.mask.text(String(said)) : said;
    const told = {
      progress: fractionOf(fraction),
      ...(message !== undefined && { message: String(message).slice(0, MAX_MESSAGE_LENGTH) }),
    };
    this.#options.tell({ task_id, task_type, user_id, timestamp: timestampOf(now), event: 'progress', ...told });
    if (now - this.#shownAt < SHOW_INTERVAL_MS) return;
    this.#shownAt = now;
    showProgress(told);
  }
}

/** From 0 to 1, whatever a handler says. */
export function fractionOf(fraction: number): number {
  return Math.min(1, Math.max(0, fraction)) || 0;
}
