export interface WatchedRunOptions {
  /** Whether the task, or an earlier one of its id, was to be cancelled not long ago. */
  heard: boolean;
  leave: () => void;
}

/** One run of a task, which may be cancelled meanwhile. */
export class WatchedRun implements Disposable {
  readonly taskId: string;
  /** Whether it is worth a look if the task is to run at all. */
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
