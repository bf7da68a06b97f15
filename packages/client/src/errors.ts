/** Nobody received a published request: no processor runs, or it listens on another channel. */
export class NoProcessorError extends Error {
  readonly code = 'no_processor';

  constructor(channel: string) {
    super(`Nobody listens on the channel "${channel}": the message is lost. Is a processor running (npm start)?`);
    this.name = 'NoProcessorError';
  }
}

/** No result came within the caller's time limit. If it was accepted, the task goes on. */
export class WaitTimeoutError extends Error {
  readonly code = 'wait_timeout';
  readonly taskId: string;

  constructor(taskId: string, timeoutMs: number) {
    super(`The task ${taskId} had no result within ${timeoutMs} ms; if it was accepted it goes on, so ask again later`);
    this.name = 'WaitTimeoutError';
    this.taskId = taskId;
  }
}

/** A task was accepted, and Redis no longer knows it. */
export class TaskLostError extends Error {
  readonly code = 'task_lost';
  readonly taskId: string;

  constructor(taskId: string) {
    super(`The task ${taskId} was accepted, and Redis no longer knows it: Redis has lost its data. It may have run`);
    this.name = 'TaskLostError';
    this.taskId = taskId;
  }
}

/** No processor answered a request in time: one may still take it. */
export class NoReceiptError extends Error {
  readonly code = 'no_receipt';
  readonly taskId: string;

  constructor(taskId: string, timeoutMs: number) {
    super(`No processor took the task ${taskId} within ${timeoutMs} ms; it may come later, so look for this id again`);
    this.name = 'NoReceiptError';
    this.taskId = taskId;
  }
}

/** No processor answered a cancel in time. */
export class NoAnswerError extends Error {
  readonly code = 'no_answer';
  readonly taskId: string;

  /** @param isWaiting whether the cancel waits in Redis. */
  constructor(taskId: string, timeoutMs: number, isWaiting: boolean) {
    const next = isWaiting ? 'the cancel waits in Redis until one does' : 'cancel it again';
    super(`No processor answered within ${timeoutMs} ms whether it cancels the task ${taskId}; ${next}`);
    this.name = 'NoAnswerError';
    this.taskId = taskId;
  }
}
