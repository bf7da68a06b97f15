import type { InboxForm } from '@taskwire/protocol';
import type { OpenTask } from '../open-task.ts';
import type { Outcome } from '../result-file-outcome.ts';

/** A task of the inbox until its result file is there, and nothing of it is left in `accepted`. */
export class AwaitedTask {
  readonly taskId: string;
  /** Undefined for a task of an earlier run, until its file in `accepted` has been read. */
  taskType: string | null | undefined;
  form: InboxForm | undefined;
  /** Further channels on which its result may come. */
  readonly channels = new Set<string>();
  acceptedAt = new Date();
  isRunning = false;
  /** Its file was in `accepted` at the start. */
  readonly isFound: boolean;
  /** Its file is in `accepted`. */
  isAccepted: boolean;
  /** How it ended: its result file is there. */
  outcome: Outcome | undefined;
  isNotified = false;
  /** The result of a task that Redis does not know. */
  verdict: string | undefined;
  /** It was submitted again because Redis had lost it. */
  isResubmitted = false;

  private constructor(taskId: string, isFound: boolean) {
    this.taskId = taskId;
    this.isFound = isFound;
    this.isAccepted = isFound;
  }

  static expected({ taskId, taskType, form }: OpenTask): AwaitedTask {
    const task = new AwaitedTask(taskId, false);
    task.taskType = taskType;
    task.form = form;
    return task;
  }

  /** One that was in `accepted` at the start. */
  static found(taskId: string): AwaitedTask {
    return new AwaitedTask(taskId, true);
  }

  /** Somebody asks for it, perhaps again: then its result file is to be written again. */
  ask(): void {
    this.outcome = undefined;
    this.isNotified = false;
  }
}
