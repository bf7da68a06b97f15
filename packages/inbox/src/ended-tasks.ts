import { hash } from 'node:crypto';
import { hostname } from 'node:os';
import { resultKey, taskIdOfJob, taskKey } from '@taskwire/protocol';
import { everySecond } from '@taskwire/redis';
import type { Logger } from '@taskwire/service';
import type { Redis } from 'ioredis';

export interface EndedTasksOptions {
  /** For commands. */
  redis: Redis;
  /** A connection of its own, closed with it. */
  subscriber: Redis;
  keyPrefix: string;
  /** Of the inbox. */
  folder: string;
  /** Names of all queues. */
  queues: readonly string[];
  logger: Logger;
}

/** `unknown`: Redis has neither a result nor a record of the task. */
export type Seen = 'ended' | 'unknown';

/** The most tasks looked up in one round trip, and per second. */
const MOST_AT_ONCE = 1000;

/** No more jobs of a queue are read: workers run far fewer at a time. */
const MOST_ACTIVE = 10_000;

/** Our own programs begin a result with its task; longer than the longest id, to look at no more of a result. */
const BEGINNING = /^\{"task_id":"([A-Za-z0-9._~-]{1,128})"/;
const BEGINNING_LENGTH = 160;

/**
 * Finds out which tasks have ended: by a channel of its own at once, and by looking into the store in turn, because PUBLISH
 * is at most once, and a request may name another channel. A message is only a hint, because anybody may publish.
 */
export class EndedTasks implements Disposable {
  /** The channel for results of tasks whose requests name none: only who serves the folder listens to it, also after a restart. */
  readonly replyTo: string;
  readonly #options: EndedTasksOptions;
  readonly #awaited = new Map<string, { resolve: (seen: Seen) => void; isDurable: boolean }>();
  /** Goes round and round: with very many awaited tasks, each still has its turn. */
  #turns = this.#awaited.keys();
  #endLooks: (() => void) | undefined;
  #isLooking = false;

  constructor(options: EndedTasksOptions) {
    this.#options = options;
    this.replyTo = `results:inbox:${hash('sha256', `${hostname()} ${options.keyPrefix} ${options.folder}`).slice(0, 24)}`;
  }

  /** Resolves when it listens; waits for Redis as long as it is away. */
  async start(): Promise<void> {
    const { subscriber } = this.#options;
    subscriber.on('messageBuffer', (_channel: Buffer, message: Buffer) => {
      const taskId = BEGINNING.exec(message.toString('latin1', 0, BEGINNING_LENGTH))?.[1];
      if (taskId !== undefined) this.#see(taskId, 'ended');
    });
    await subscriber.subscribe(this.replyTo);
    // ioredis subscribes again by itself; meanwhile results may have been missed.
    subscriber.on('ready', () => this.#look(this.#awaited.size));
    this.#endLooks = everySecond(() => this.#look(MOST_AT_ONCE));
  }

  /** Resolves when this task seems to have ended, or is no longer known. Call it before the task is submitted. */
  next(taskId: string): Promise<Seen> {
    return new Promise((resolve) => this.#awaited.set(taskId, { resolve, isDurable: false }));
  }

  /** The task is durable: from now on it is looked up. @param hasEnded whether it had ended before. */
  durable(taskId: string, hasEnded: boolean): void {
    const awaited = this.#awaited.get(taskId);
    if (awaited) awaited.isDurable = true;
    if (hasEnded) this.#see(taskId, 'ended');
  }

  /** It did not become a task. */
  forget(taskId: string): void {
    this.#awaited.delete(taskId);
  }

  /** The result as published; null when there is none. */
  result(taskId: string): Promise<string | null> {
    return this.#options.redis.get(resultKey(this.#options.keyPrefix, taskId));
  }

  async isKnown(taskId: string): Promise<boolean> {
    const { redis, keyPrefix } = this.#options;
    return (await redis.exists(resultKey(keyPrefix, taskId), taskKey(keyPrefix, taskId))) > 0;
  }

  /** The ids of all tasks that workers hold. */
  async running(): Promise<Set<string>> {
    const { redis, keyPrefix, queues } = this.#options;
    const pipeline = redis.pipeline();
    for (const queue of queues) pipeline.lrange(`${keyPrefix}:${queue}:active`, 0, MOST_ACTIVE - 1);
    const active = answers<string[]>(await pipeline.exec());
    // A job of another name is shared by several tasks.
    const shared = redis.pipeline();
    for (const [place, jobIds] of active.entries())
      for (const id of jobIds)
        if (taskIdOfJob(id) === undefined) shared.hget(`${keyPrefix}:${queues[place]}:${id}`, 'data');
    const data = shared.length > 0 ? answers<string | null>(await shared.exec()) : [];
    const together = data.flatMap((json): { task_id: string }[] => JSON.parse(json ?? '{}').tasks ?? []);
    const alone = active.flat().map(taskIdOfJob);
    return new Set([...alone, ...together.map(({ task_id }) => task_id)].filter((taskId) => taskId !== undefined));
  }

  [Symbol.dispose](): void {
    this.#endLooks?.();
    this.#awaited.clear();
    this.#options.subscriber.disconnect();
  }

  #see(taskId: string, seen: Seen): void {
    this.#awaited.get(taskId)?.resolve(seen);
    this.#awaited.delete(taskId);
  }

  /** Looks up so many of the awaited tasks, unless it is at it: Redis may be away, or slow. */
  async #look(most: number): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      for (let left = most; left > 0; left -= MOST_AT_ONCE) await this.#lookAt(this.#inTurn());
    } catch (error) {
      this.#options.logger.debug({ err: error }, 'results of the inbox could not be read; trying again');
    } finally {
      this.#isLooking = false;
    }
  }

  #inTurn(): string[] {
    const taskIds: string[] = [];
    const most = Math.min(MOST_AT_ONCE, this.#awaited.size);
    for (let count = 0; count < most; count += 1) {
      let { value: taskId, done } = this.#turns.next();
      if (done) {
        this.#turns = this.#awaited.keys();
        ({ value: taskId, done } = this.#turns.next());
      }
      if (taskId !== undefined && this.#awaited.get(taskId)?.isDurable) taskIds.push(taskId);
    }
    return taskIds;
  }

  async #lookAt(taskIds: readonly string[]): Promise<void> {
    if (taskIds.length === 0) return;
    const { redis, keyPrefix } = this.#options;
    const pipeline = redis.pipeline();
    // The result first: it and the task are written together, so a task that ends in between is at least known.
    for (const taskId of taskIds) pipeline.exists(resultKey(keyPrefix, taskId)).exists(taskKey(keyPrefix, taskId));
    const counts = answers<number>(await pipeline.exec());
    for (const [index, taskId] of taskIds.entries()) {
      if (counts[2 * index] === 1) this.#see(taskId, 'ended');
      else if (counts[2 * index + 1] === 0) this.#see(taskId, 'unknown');
    }
  }
}

function answers<T>(replies: [error: Error | null, reply: unknown][] | null): T[] {
  return (replies ?? []).map(([error, reply]) => {
    if (error) throw error;
    return reply as T;
  });
}
