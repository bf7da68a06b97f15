import type { Config } from '@taskwire/config';
import type { Redis } from 'ioredis';
import { inTime } from './in-time.ts';
import { unavailable } from './problem.ts';

/** Results, and events besides if somebody wants them: while nobody listens, events cost the workers nothing. */
export type NewsKind = 'results' | 'events';

export interface Listener {
  /** Of one task. Default: of all. */
  taskId?: string;
  kinds: readonly NewsKind[];
  /** A message about it, as published. */
  hear: (kind: NewsKind, message: string, taskId: string) => void;
  /** The subscription was cut: something may have been missed. */
  missed: () => void;
}

/** Results and events begin with it. What other programs publish there is not for us. */
const TASK_ID = /^\{"task_id":"([A-Za-z0-9._~-]{1,128})"/;

const SUBSCRIBED_WITHIN_MS = 3000;

/** A channel that nobody wants any more is given up so much later: the next one may come soon. */
const LINGER_MS = 10_000;

/** What is published about tasks, dealt out by task id: one subscription for all who listen at this process. */
export class TaskNews implements Disposable {
  readonly #subscriber: Redis;
  readonly #channels: Readonly<Record<NewsKind, string>>;
  readonly #byTask = new Map<string, Set<Listener>>();
  readonly #ofAll = new Set<Listener>();
  readonly #listening: Record<NewsKind, number> = { results: 0, events: 0 };
  /** Kept while somebody listens, and a while longer. */
  readonly #subscribed = new Map<NewsKind, Promise<unknown>>();
  readonly #tidying: NodeJS.Timeout;

  /** @param options.subscriber a connection of its own, in the role `subscriber`; closed with this. */
  constructor({ subscriber, config }: { subscriber: Redis; config: Config }) {
    this.#subscriber = subscriber;
    const { results, events } = config.redis.channels;
    this.#channels = { results, events };
    subscriber.on('message', (channel: string, message: string) => this.#deal(channel, message));
    // ioredis subscribes again by itself; the answer to our own call tells when.
    subscriber.on('ready', () => void this.#again());
    this.#tidying = setInterval(() => this.#tidy(), LINGER_MS).unref();
  }

  /** Resolves when it hears, with what ends it. @throws Problem when Redis does not answer. */
  async listen(listener: Listener): Promise<() => void> {
    const { taskId } = listener;
    const group = taskId === undefined ? this.#ofAll : (this.#byTask.get(taskId) ?? new Set());
    if (taskId !== undefined) this.#byTask.set(taskId, group);
    group.add(listener);
    for (const kind of listener.kinds) this.#listening[kind] += 1;
    const end = () => {
      if (!group.delete(listener)) return;
      for (const kind of listener.kinds) this.#listening[kind] -= 1;
      if (taskId !== undefined && group.size === 0 && this.#byTask.get(taskId) === group) this.#byTask.delete(taskId);
    };
    const heard = Promise.all(listener.kinds.map((kind) => this.#subscribe(kind))).then(() => true);
    if ((await inTime(heard, SUBSCRIBED_WITHIN_MS).catch(() => undefined)) === true) return end;
    end();
    throw unavailable();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#tidying);
    this.#subscriber.disconnect();
  }

  #subscribe(kind: NewsKind): Promise<unknown> {
    const known = this.#subscribed.get(kind);
    if (known) return known;
    const subscribed = this.#subscriber.subscribe(this.#channels[kind]);
    this.#subscribed.set(kind, subscribed);
    subscribed.catch(() => this.#subscribed.delete(kind));
    return subscribed;
  }

  async #again(): Promise<void> {
    const channels = [...this.#subscribed.keys()].map((kind) => this.#channels[kind]);
    if (channels.length === 0) return;
    await this.#subscriber.subscribe(...channels).catch(() => undefined);
    for (const listener of this.#all()) listener.missed();
  }

  #deal(channel: string, message: string): void {
    const taskId = TASK_ID.exec(message)?.[1];
    if (taskId === undefined) return;
    const kind = channel === this.#channels.results ? 'results' : 'events';
    for (const group of [this.#byTask.get(taskId), this.#ofAll]) {
      for (const listener of group ?? []) if (listener.kinds.includes(kind)) listener.hear(kind, message, taskId);
    }
  }

  #tidy(): void {
    for (const kind of this.#subscribed.keys()) {
      if (this.#listening[kind] > 0) continue;
      this.#subscribed.delete(kind);
      void this.#subscriber.unsubscribe(this.#channels[kind]).catch(() => undefined);
    }
  }

  #all(): Listener[] {
    return [...this.#ofAll, ...[...this.#byTask.values()].flatMap((group) => [...group])];
  }
}
