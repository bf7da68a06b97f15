import { isTaskResult, type TaskResult } from '@taskwire/protocol';
import { isRedisFault } from '@taskwire/redis';
import { NoProcessorError, TaskLostError, WaitTimeoutError } from './errors.ts';
import type { Sent } from './sender.ts';
import type { TaskSources, TaskState } from './task-state.ts';

export interface WaitOptions {
  /** Longest wait for the result, in ms. Default: no limit. */
  timeoutMs?: number;
  /** Ends the wait with the signal's reason; the task goes on. */
  signal?: AbortSignal;
  /** Called with a note for people when nobody answers, and with undefined when somebody answers again. */
  onSilence?: (note: string | undefined) => void;
  /** Called when Redis has the request. */
  onSent?: () => void;
}

type StoredState = Extract<TaskState, { result: TaskResult }>;

export interface ResultSources extends Pick<TaskSources, 'listener' | 'lookUp'> {
  channel: string;
  /** Whether a result from the channel that names the task is the awaited one. */
  accepts: (result: TaskResult) => boolean;
  /** The same for what the store holds, which may be the answer to an earlier message with this id. */
  acceptsStored: (state: StoredState) => boolean;
  /**
   * Asks for the task. Called when the subscription is confirmed: no answer can be missed. Called again when the task turns
   * out to be unknown. Default: somebody else asks.
   */
  ask?: () => Promise<Sent>;
}

/** PUBLISH is at most once, so the wait also reads the store: often at first, then so many ms apart. */
const FIRST_LOOK_MS = 500;
const MAX_LOOK_INTERVAL_MS = 5000;

/** How long Redis may be away: enough to replace it. */
const PATIENCE_MS = 60_000;

/** A longer time overflows Node's timers, which then fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const REDIS_IS_SILENT = 'Redis does not answer; asking again';
const NOBODY_TAKES_IT = 'no processor takes it; it waits in Redis';
const NOBODY_KNOWS_IT = 'no processor knows it; asking again';

/**
 * Waits for the result of a task, from the channel or the store, whichever has it first.
 *
 * @throws WaitTimeoutError, TaskLostError, the signal's reason, what `ask` throws at first, the fault of a Redis that is away
 * for too long
 */
export async function waitForResult(taskId: string, options: WaitOptions, sources: ResultSources): Promise<TaskResult> {
  const { timeoutMs, signal } = options;
  const { listener, channel, accepts, ask } = sources;
  signal?.throwIfAborted();
  const found = Promise.withResolvers<TaskResult>();
  const hear = (message: unknown) => isTaskResult(message) && accepts(message) && found.resolve(message);
  const abort = () => found.reject(signal?.reason);
  signal?.addEventListener('abort', abort);
  const timer =
    timeoutMs !== undefined &&
    setTimeout(() => found.reject(new WaitTimeoutError(taskId, timeoutMs)), Math.min(timeoutMs, MAX_TIMER_MS));
  const looks = new Looks(taskId, options, sources, found);
  const listening = listener.listen({ channels: [channel], taskId, hear });
  try {
    await Promise.race([listening, found.promise]);
    looks.start();
    looks.sent = await Promise.race([ask?.(), found.promise.then(() => undefined)]);
    options.onSent?.();
    return await found.promise;
  } finally {
    looks[Symbol.dispose]();
    clearTimeout(timer || undefined);
    signal?.removeEventListener('abort', abort);
    listening.then(
      (stop) => stop(),
      () => undefined,
    );
  }
}

/** Looks for the task in the store, and asks for it again if it is not there. */
class Looks implements Disposable {
  /** What was sent last; undefined while that is under way, or when somebody else asks. */
  sent: Sent | undefined;
  readonly #taskId: string;
  readonly #options: WaitOptions;
  readonly #sources: ResultSources;
  readonly #found: PromiseWithResolvers<TaskResult>;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #wasKnown = false;
  #silentSince: number | undefined;

  constructor(taskId: string, options: WaitOptions, sources: ResultSources, found: PromiseWithResolvers<TaskResult>) {
    this.#taskId = taskId;
    this.#options = options;
    this.#sources = sources;
    this.#found = found;
  }

  start(): void {
    this.#lookIn(FIRST_LOOK_MS);
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #lookIn(delayMs: number): void {
    const look = async () => {
      const wasAnswered = await this.#look(delayMs > FIRST_LOOK_MS);
      if (!this.#stopped) this.#lookIn(wasAnswered ? Math.min(delayMs * 2, MAX_LOOK_INTERVAL_MS) : FIRST_LOOK_MS);
    };
    this.#timer = setTimeout(() => void look(), delayMs);
  }

  /** Gives whether Redis has answered. A request may still be on its way at the first look. */
  async #look(mayAskAgain: boolean): Promise<boolean> {
    try {
      const isKnown = await this.#isKnown();
      const note = isKnown || !this.sent || !mayAskAgain ? undefined : await this.#askAgain(this.sent);
      this.#silentSince = undefined;
      this.#note(note);
      return true;
    } catch (error) {
      const isSilent = isRedisFault(error) && this.#isPatient();
      if (isSilent) this.#note(REDIS_IS_SILENT);
      else this.#found.reject(error);
      return false;
    }
  }

  /** Whether the task is on its way to its result, or has it. */
  async #isKnown(): Promise<boolean> {
    const { lookUp, acceptsStored } = this.#sources;
    const state = await lookUp(this.#taskId);
    if ('result' in state && acceptsStored(state)) this.#found.resolve(state.result);
    else if (state.status === 'pending') this.#wasKnown = true;
    else if (state.status === 'unknown' && this.#wasKnown) this.#found.reject(new TaskLostError(this.#taskId));
    else return false;
    return true;
  }

  async #askAgain(sent: Sent): Promise<string | undefined> {
    if (await sent.isWaiting()) return NOBODY_TAKES_IT;
    // A processor may have taken it just now.
    if (await this.#isKnown()) return undefined;
    try {
      this.sent = await this.#sources.ask?.();
    } catch (error) {
      if (!(error instanceof NoProcessorError)) throw error;
    }
    return NOBODY_KNOWS_IT;
  }

  #isPatient(): boolean {
    this.#silentSince ??= Date.now();
    return Date.now() - this.#silentSince < PATIENCE_MS;
  }

  #note(note: string | undefined): void {
    if (!this.#stopped) this.#options.onSilence?.(note);
  }
}
