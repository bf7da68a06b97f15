/** One run of a task, which may be cancelled meanwhile. */
export class WatchedRun {
  /** Among all that are watched. */
  place = 0;
  readonly taskId: string;
  /** Whether a cancel of the task, or of an earlier one with its id, was heard lately: then the store should be asked if it may run. */
  readonly heard: boolean;
  /** Called once, when the run is cancelled. */
  onCancel: (() => void) | undefined;
  #cancelled = false;

  constructor(taskId: string, heard: boolean) {
    this.taskId = taskId;
    this.heard = heard;
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.onCancel?.();
  }
}
