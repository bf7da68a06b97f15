import { randomUUID } from 'node:crypto';
import type { RedisConfig } from '@taskwire/config';
import {
  cancellationsKey,
  encodeCancel,
  encodeRequest,
  namedKey,
  type RequestInput,
  runKey,
  runNameOf,
  type TaskResult,
  type TaskRun,
  taskIdNamed,
  tasksStreamKey,
} from '@taskwire/protocol';
import { connect, isRedisFault, unavailable } from '@taskwire/redis';
import type { Redis } from 'ioredis';
import { Listener } from './listener.ts';
import { type Kind, type Sent, send, type Way } from './sender.ts';
import { lookUp, type TaskSources, type TaskState } from './task-state.ts';
import { askedFor, type ParametersOf, type ResultOf, type TypedOptions, type TypedTask } from './typed-task.ts';
import { type CancelOptions, type CancelOutcome, waitForCancel } from './wait-for-cancel.ts';
import { type Receipt, waitForReceipt } from './wait-for-receipt.ts';
import { type WaitOptions, waitForResult } from './wait-for-result.ts';
import { type Watched, type WatchOptions, watch } from './watch.ts';

interface Connections extends TaskSources {
  commands: Redis;
  subscriber: Redis;
}

export interface ClientOptions {
  /** How requests and cancels go to the processors. Default: by the stream, which loses nothing. */
  via?: Way;
}

/** A client of taskwire. It has two Redis connections, opened when first used. */
export class TaskwireClient implements AsyncDisposable {
  readonly #config: RedisConfig;
  readonly #way: Way;
  readonly #replyTo = `results:client:${randomUUID()}`;
  #runs = 0;
  #open: Connections | undefined;
  /** Why a connection was lost or refused: later errors hide the cause. */
  #lastError: Error | undefined;

  /** @param config from `redisSettings`, or the section `redis` of a configuration. */
  constructor(config: RedisConfig, { via = 'stream' }: ClientOptions = {}) {
    this.#config = config;
    this.#way = via;
  }

  /**
   * Sends a request and does not wait for its result: by the stream it is durable then. With the definition of the task the compiler
   * checks its parameters.
   *
   * @returns the task id: the one given, or a new one.
   * @throws InvalidRequestError, NoProcessorError, RedisUnavailableError
   */
  submit(input: RequestInput): Promise<string>;
  submit<T extends TypedTask>(
    task: T,
    parameters: ParametersOf<T>,
    options?: Omit<TypedOptions, 'wait'>,
  ): Promise<string>;
  async submit(asked: RequestInput | TypedTask, parameters: object = {}, options: TypedOptions = {}): Promise<string> {
    const { request, message } = encodeRequest(askedFor(asked, parameters, options).input);
    await this.#reaching(() => this.#send('message', message));
    return request.task_id;
  }

  /**
   * Sends a request and waits until a processor has accepted it, or has said why not. Set `task_id` to find it again.
   *
   * @throws InvalidRequestError, NoProcessorError, NoReceiptError, RedisUnavailableError
   */
  async deliver(input: RequestInput, { timeoutMs }: { timeoutMs: number }): Promise<Receipt> {
    const { request, message } = encodeRequest(input);
    return this.#reaching((sources) =>
      waitForReceipt(request.task_id, timeoutMs, { ...sources, begin: () => this.#send('message', message) }),
    );
  }

  /**
   * Sends a request and waits for its result, which may be an error result. It asks again under the same id when nobody knows
   * the task, and endures a Redis that is away for a while. With the definition of the task the compiler knows parameters and result.
   *
   * @throws InvalidRequestError, NoProcessorError, TaskLostError, WaitTimeoutError, RedisUnavailableError
   */
  run(input: RequestInput, options?: WaitOptions): Promise<TaskResult>;
  run<T extends TypedTask>(task: T, parameters: ParametersOf<T>, options?: TypedOptions): Promise<ResultOf<T>>;
  async run(asked: RequestInput | TypedTask, second: object = {}, more: TypedOptions = {}): Promise<TaskResult> {
    const { input, wait } = askedFor(asked, second, more);
    const { request, message } = encodeRequest({ ...input, reply_to: input.reply_to ?? this.#nextReplyTo() });
    const begun = new Date().toISOString();
    return this.#wait(request.task_id, wait, {
      channel: request.reply_to as string,
      accepts: () => true,
      acceptsStored: (state) => state.status !== 'rejected' || state.result.timestamp >= begun,
      ask: () => this.#send('message', message),
    });
  }

  /** What is known about a task. @throws RedisUnavailableError */
  async result(taskId: string): Promise<TaskState> {
    return this.#reaching(({ lookUp }) => lookUp(taskId));
  }

  /**
   * What the handler of a task has logged, how its attempts failed, and where; undefined when there is nothing to say.
   *
   * @throws RedisUnavailableError
   */
  async logs(taskId: string): Promise<TaskRun | undefined> {
    const run = await this.#reaching(({ commands }) => commands.get(runKey(this.#config.key_prefix, taskId)));
    return run === null ? undefined : JSON.parse(run);
  }

  /**
   * The task id of the latest run of a file that was dropped into the inbox under this name; undefined when there is none, or
   * it is no longer kept.
   *
   * @throws RedisUnavailableError
   */
  async latestRun(name: string): Promise<string | undefined> {
    const key = namedKey(this.#config.key_prefix, runNameOf(name));
    const value = await this.#reaching(({ commands }) => commands.get(key));
    return value === null ? undefined : taskIdNamed(value, name);
  }

  /** How many requests and cancels wait in Redis until a processor takes them. @throws RedisUnavailableError */
  async unread(): Promise<number> {
    return this.#reaching(({ commands }) => commands.xlen(tasksStreamKey(this.#config.key_prefix)));
  }

  /**
   * Waits for the result of a task that somebody has submitted or is about to submit.
   *
   * @throws TaskLostError, WaitTimeoutError, RedisUnavailableError
   */
  async wait(taskId: string, options: WaitOptions = {}): Promise<TaskResult> {
    const state = await this.result(taskId);
    if (state.status === 'finished') return state.result;
    return this.#wait(taskId, options, {
      channel: this.#config.channels.results,
      // The answer to somebody else's request with the same id is not ours.
      accepts: (result) => result.status === 'completed' || result.error_code !== 'task_id_conflict',
      acceptsStored: () => true,
    });
  }

  /**
   * Cancels a task and waits for its end: a waiting task ends at once, a running one when its handler ends, at most 5 s
   * later. Cancelling again, or after the end, changes nothing.
   *
   * @throws InvalidRequestError, NoProcessorError, NoAnswerError, RedisUnavailableError
   */
  async cancel(taskId: string, options: CancelOptions = {}): Promise<CancelOutcome> {
    const message = encodeCancel(taskId);
    const { key_prefix } = this.#config;
    return this.#reaching(({ commands, ...sources }) =>
      waitForCancel(taskId, options, {
        ...sources,
        isRequested: async () => (await commands.hexists(cancellationsKey(key_prefix), taskId)) === 1,
        begin: () => this.#send('cancel', message),
      }),
    );
  }

  /**
   * All events and results from now on, of one task or of all, until the signal is aborted. If the one task already has its
   * result, that comes first.
   *
   * @throws RedisUnavailableError
   */
  async *watch(options: WatchOptions): AsyncGenerator<Watched, void> {
    try {
      yield* watch(options, this.#connections());
    } catch (error) {
      throw await this.#explained(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#open?.commands.disconnect();
    this.#open?.subscriber.disconnect();
    this.#open = undefined;
  }

  /** One for each run: two with the same id may have different answers. */
  #nextReplyTo(): string {
    this.#runs += 1;
    return `${this.#replyTo}:${this.#runs}`;
  }

  #send(kind: Kind, text: string): Promise<Sent> {
    const connection = this.#connections().commands;
    return send(connection, this.#config, this.#way, kind, text);
  }

  #wait(
    taskId: string,
    options: WaitOptions,
    how: Pick<Parameters<typeof waitForResult>[2], 'channel' | 'accepts' | 'acceptsStored' | 'ask'>,
  ): Promise<TaskResult> {
    return this.#reaching((sources) => waitForResult(taskId, options, { ...sources, ...how }));
  }

  async #reaching<T>(use: (connections: Connections) => Promise<T>): Promise<T> {
    try {
      return await use(this.#connections());
    } catch (error) {
      throw await this.#explained(error);
    }
  }

  #connections(): Connections {
    if (!this.#open) {
      const config = this.#config;
      const onError = (error: Error) => {
        this.#lastError = error;
      };
      const commands = connect({ config, role: 'client', name: 'client', onError });
      const subscriber = connect({ config, role: 'client', name: 'client', onError });
      // An old cause does not explain a later error.
      for (const connection of [commands, subscriber]) connection.on('ready', () => (this.#lastError = undefined));
      this.#open = {
        commands,
        subscriber,
        listener: new Listener(subscriber),
        channels: config.channels,
        lookUp: (taskId) => lookUp(commands, config.key_prefix, taskId),
      };
    }
    return this.#open;
  }

  async #explained(error: unknown): Promise<unknown> {
    return isRedisFault(error) ? unavailable(this.#config, this.#lastError ?? (error as Error)) : error;
  }
}
