export interface WatchedRunOptions {
  /** Whether a cancel of the task, or of an earlier one with its id, was heard lately. */
  heard: boolean;
  leave: () => void;
}

/** One run of a task, which may be cancelled meanwhile. */
export class WatchedRun implements Disposable {
  readonly taskId: string;
  /** Whether the store should be asked if the task may run. */
  readonly heard: boolean;
  /** Called once, when the run is cancelled. */
  onCancel: (() => void) | undefined;
  readonly #leave: () => void;
  #cancelled = false;

  constructor(taskId: string, { heard, leave }: WatchedRunOptions) {
    this.taskId = taskId;
    this.heard = heard;
    this.#leave = leave;
  }

  get cancelled(): boolean {
    return this.#cancelled;
  }

  cancel(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.onCancel?.();
  }

  [Symbol.dispose](): void {
    this.#leave();
  }
}
