import { type JsonObject, type JsonValue, plainUserId, type UserId } from '@taskwire/protocol';
import type { Logger } from 'pino';
import type { KeepCheckpoint } from '../checkpoint.ts';
import type { SubmitTask, TaskContext } from '../handler.ts';
import { checkParameters } from './check-parameters.ts';
import type { FurtherTask } from './further-tasks.ts';
import { type LogLine, loggerOf } from './log-line.ts';

/** An attempt, and what the one that runs it does for its handler. */
export interface AttemptHost
  extends Pick<
    TaskContext<unknown>,
    'taskId' | 'metadata' | 'attempt' | 'timeoutMs' | 'signal' | 'stopping' | 'checkpoint' | 'progress'
  > {
  userId: UserId;
  /** As they came. */
  parameters: unknown;
  takeLine: (line: LogLine) => void;
  /** Of the lines that a handler's logger writes. */
  logLevel: string;
  keep: KeepCheckpoint;
  submit: (task: FurtherTask) => Promise<string>;
}

/** What a handler gets. It costs little: what few handlers ask for is made when they do. */
export class HandlerContext implements TaskContext<object> {
  readonly parameters: object;
  readonly taskId: string;
  readonly userId: string | number | null;
  readonly metadata: JsonObject;
  readonly attempt: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  readonly stopping: AbortSignal | undefined;
  readonly checkpoint: JsonValue | undefined;
  readonly progress: TaskContext<object>['progress'];
  readonly log: TaskContext<object>['log'];
  readonly submit: SubmitTask;
  readonly #host: AttemptHost;
  #logger: Logger | undefined;

  constructor(host: AttemptHost, parameters: object) {
    this.#host = host;
    this.parameters = parameters;
    this.taskId = host.taskId;
    this.userId = plainUserId(host.userId);
    this.metadata = host.metadata;
    this.attempt = host.attempt;
    this.timeoutMs = host.timeoutMs;
    this.signal = host.signal;
    this.stopping = host.stopping;
    this.checkpoint = host.checkpoint;
    this.progress = host.progress;
    this.log = (message) => host.takeLine({ level: 'info', message: String(message) });
    this.submit = async (task, parameters, options) => {
      const isType = typeof task === 'string';
      const checked = isType ? undefined : checkParameters(task, parameters);
      if (checked?.status === 'invalid') throw new Error(checked.failure.error);
      const task_type = isType ? task : task.type;
      return host.submit({ ...options, task_type, parameters: parameters as JsonObject });
    };
  }

  get logger(): Logger {
    this.#logger ??= loggerOf(this.#host.logLevel, this.#host.takeLine);
    return this.#logger;
  }
}
