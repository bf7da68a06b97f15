import { setImmediate } from 'node:timers/promises';
import type { Config } from '@taskwire/config';
import { isJsonObject, isRefusal, isTaskResult, parseMessage, type UserId, userIdSchema } from '@taskwire/protocol';
import type { ResultsStream } from '@taskwire/store';
import type { Redis } from 'ioredis';
import { NO_ENTRY } from './entry-id.ts';
import { inTime } from './in-time.ts';
import { unavailable } from './problem.ts';

/** Something that was published about a task. */
export interface News {
  kind: 'result' | 'event';
  /** `result`, or that of the event. */
  name: string;
  taskId: string;
  task_type: string | null;
  user_id: UserId;
  /** Whether it is a refused request that named the task, so none of its results. */
  isRefusal: boolean;
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
  /** When what it heard has gone out: then more of large ones may come. */
  dealt?: () => Promise<void> | undefined;
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

const EVENT = /^\w{1,40}$/;

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
  #last = NO_ENTRY;
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

  /** The id of the last result that was dealt out. */
  get last(): string {
    return this.#last;
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
          await Promise.all([setImmediate(), ...[...this.#ofAll].map((listener) => listener.dealt?.())]);
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
    const ofTask = this.#byTask.get(TASK_ID.exec(message)?.[1] ?? '');
    if (!ofTask && this.#ofAll.size === 0) return;
    const news = newsIn(kind, message, id);
    if (!news) return;
    for (const group of [this.#ofAll, ...(ofTask && !news.isRefusal ? [ofTask] : [])]) {
      for (const listener of group) if (kind === 'result' || listener.events) listener.hear(news);
    }
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

/** The news that a message is; undefined for what other programs publish there. */
export function newsIn(kind: News['kind'], message: string, id?: string): News | undefined {
  const taskId = TASK_ID.exec(message)?.[1];
  const about = taskId === undefined ? undefined : parsed(message);
  if (taskId === undefined || !isJsonObject(about) || about.task_id !== taskId) return undefined;
  const { task_type = null, user_id = null, event } = about;
  const isEvent = kind === 'event' && typeof event === 'string' && EVENT.test(event);
  const name = isEvent ? event : kind === 'result' && isTaskResult(about) && kind;
  if (!name || (task_type !== null && typeof task_type !== 'string')) return undefined;
  const user = userIdSchema.safeParse(user_id);
  if (!user.success) return undefined;
  const isRefused = kind === 'result' && isRefusal(about);
  return {
    kind,
    name,
    taskId,
    task_type,
    user_id: user.data,
    isRefusal: isRefused,
    message,
    ...(id !== undefined && { id }),
  };
}

function parsed(message: string): unknown {
  try {
    return parseMessage(message);
  } catch {
    return undefined;
  }
}
