import { setImmediate } from 'node:timers/promises';
import type { Config } from '@taskwire/config';
import { isRefusal, parseMessage, type TaskResult } from '@taskwire/protocol';
import type { ResultsStream } from '@taskwire/store';
import type { Redis } from 'ioredis';
import { inTime } from './in-time.ts';
import { unavailable } from './problem.ts';

/** Something that was published about a task. */
export interface News {
  kind: 'result' | 'event';
  taskId: string;
  /** As published. */
  message: string;
  /** The entry of a result in the results stream, if that is kept. */
  id?: string;
}

export interface Listener {
  /** Default: all tasks. */
  taskId?: string;
  /** While nobody listens to events, they cost the workers nothing. */
  events?: boolean;
  hear: (news: News) => void;
  /** The subscription was cut: events may have been missed, but no results. */
  missed?: () => void;
}

export interface TaskNewsOptions {
  /** A connection of its own, in the role `subscriber`; closed with this. */
  subscriber: Redis;
  results: ResultsStream;
  config: Config;
}

/** Results and events begin with it. What other programs publish there is not for us. */
const TASK_ID = /^\{"task_id":"([A-Za-z0-9._~-]{1,128})"[^\r\n]*$/;

const SUBSCRIBED_WITHIN_MS = 3000;

/** A channel that nobody wants any more is given up so much later: the next one may come soon. */
const LINGER_MS = 10_000;

const PORTION = 100;
const READ_AGAIN_MS = 1000;
const AT_ONCE = 256 * 1024;

/**
 * What is published about tasks, dealt out by task id: one subscription for all who listen at this process. A result that is
 * heard is only the sign to read the results stream, which loses none and has their ids.
 */
export class TaskNews implements Disposable {
  readonly #options: TaskNewsOptions;
  readonly #isStreamed: boolean;
  readonly #byTask = new Map<string, Set<Listener>>();
  readonly #ofAll = new Set<Listener>();
  #wantEvents = 0;
  /** By channel; kept while somebody listens, and a while longer. */
  readonly #subscribed = new Map<string, Promise<unknown>>();
  readonly #tidying: NodeJS.Timeout;
  /** The last entry that was dealt out. */
  #last = '0-0';
  #isRung = false;
  #isReading = false;
  #isClosed = false;

  constructor(options: TaskNewsOptions) {
    this.#options = options;
    this.#isStreamed = options.config.results.stream_max_length > 0;
    const { subscriber } = options;
    subscriber.on('message', (channel: string, message: string) => this.#take(channel, message));
    // ioredis subscribes again by itself; the answer to our own call tells when.
    subscriber.on('ready', () => void this.#again());
    this.#tidying = setInterval(() => this.#tidy(), LINGER_MS).unref();
  }

  /** Resolves when it hears, with what ends it. @throws Problem when Redis does not answer. */
  async listen(listener: Listener): Promise<() => void> {
    const { taskId, events } = listener;
    const { channels } = this.#options.config.redis;
    const group = taskId === undefined ? this.#ofAll : (this.#byTask.get(taskId) ?? new Set());
    if (taskId !== undefined) this.#byTask.set(taskId, group);
    group.add(listener);
    if (events) this.#wantEvents += 1;
    const end = () => {
      if (!group.delete(listener)) return;
      if (events) this.#wantEvents -= 1;
      if (taskId !== undefined && group.size === 0 && this.#byTask.get(taskId) === group) this.#byTask.delete(taskId);
    };
    const heard = Promise.all([channels.results, ...(events ? [channels.events] : [])].map((each) => this.#hear(each)));
    const isHeard = inTime(heard, SUBSCRIBED_WITHIN_MS).catch(() => undefined);
    if ((await isHeard) !== undefined) return end;
    end();
    throw unavailable();
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    clearInterval(this.#tidying);
    this.#options.subscriber.disconnect();
  }

  #hear(channel: string): Promise<unknown> {
    const known = this.#subscribed.get(channel);
    if (known) return known;
    const subscribed = this.#subscribe(channel);
    this.#subscribed.set(channel, subscribed);
    subscribed.catch(() => this.#subscribed.delete(channel));
    return subscribed;
  }

  async #subscribe(channel: string): Promise<void> {
    const { subscriber, results, config } = this.#options;
    await subscriber.subscribe(channel);
    // From here on: what ended before is in the store.
    if (channel === config.redis.channels.results && this.#isStreamed) this.#last = (await results.ends()).last;
  }

  async #again(): Promise<void> {
    const channels = [...this.#subscribed.keys()];
    if (channels.length === 0) return;
    await this.#options.subscriber.subscribe(...channels).catch(() => undefined);
    if (this.#isStreamed) void this.#read();
    for (const group of [this.#ofAll, ...this.#byTask.values()]) for (const listener of group) listener.missed?.();
  }

  #take(channel: string, message: string): void {
    const isResult = channel === this.#options.config.redis.channels.results;
    if (isResult && this.#isStreamed) void this.#read();
    else this.#deal(isResult ? 'result' : 'event', message);
  }

  /** Deals out what is new in the results stream. */
  async #read(): Promise<void> {
    this.#isRung = true;
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (this.#isRung) {
        this.#isRung = false;
        const entries = await this.#options.results.after(this.#last, PORTION);
        let dealt = 0;
        for (const { id, message = '' } of entries) {
          this.#last = id;
          this.#deal('result', message, id);
          dealt += message.length;
          if (dealt < AT_ONCE) continue;
          // Lets them go out, so that a burst of large ones is not too much for anybody.
          dealt = 0;
          await setImmediate();
        }
        if (entries.length === PORTION) this.#isRung = true;
      }
    } catch {
      // Redis is away, or slow.
      if (!this.#isClosed) setTimeout(() => void this.#read(), READ_AGAIN_MS).unref();
    } finally {
      this.#isReading = false;
    }
  }

  #deal(kind: News['kind'], message: string, id?: string): void {
    const taskId = taskIdIn(message);
    if (taskId === undefined) return;
    const ofTask = this.#byTask.get(taskId);
    if (!ofTask && this.#ofAll.size === 0) return;
    const news = { kind, taskId, message, ...(id !== undefined && { id }) };
    for (const listener of this.#ofAll) if (kind === 'result' || listener.events) listener.hear(news);
    // A refused request that named the task is none of its results.
    if (!ofTask || (kind === 'result' && isRefused(message))) return;
    for (const listener of ofTask) if (kind === 'result' || listener.events) listener.hear(news);
  }

  #tidy(): void {
    const { subscriber, config } = this.#options;
    const { results, events } = config.redis.channels;
    const unwanted = this.#byTask.size + this.#ofAll.size === 0 ? [results, events] : [];
    if (this.#wantEvents === 0) unwanted.push(events);
    for (const channel of unwanted) {
      if (this.#subscribed.delete(channel)) void subscriber.unsubscribe(channel).catch(() => undefined);
    }
  }
}

/** The task that a message of ours is about. */
export function taskIdIn(message: string): string | undefined {
  return TASK_ID.exec(message)?.[1];
}

/** A message parsed; an empty object when it is not ours after all. */
export function parsedNews(message: string): Partial<TaskResult> {
  try {
    return parseMessage(message) as TaskResult;
  } catch {
    return {};
  }
}

function isRefused(message: string): boolean {
  return message.includes('"attempts":0,') && isRefusal(parsedNews(message));
}
