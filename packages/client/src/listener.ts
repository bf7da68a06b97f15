import { isJsonObject, parseMessage } from '@taskwire/protocol';
import type { Redis } from 'ioredis';

/** A message, parsed: a result or an event, unless somebody else has published it. */
export interface AboutTask {
  task_id: string | null;
}

export interface ListenOptions {
  channels: readonly string[];
  /** Hear only about this task. Default: all. */
  taskId?: string | undefined;
  hear: (message: AboutTask, channel: string) => void;
}

/** Shares one subscriber connection among all listeners; a channel is subscribed to while it has any. */
export class Listener {
  readonly #subscriber: Redis;
  /** By channel, then by task id; null for listeners to all tasks. */
  readonly #hearers = new Map<string, Map<string | null, Set<ListenOptions['hear']>>>();

  constructor(subscriber: Redis) {
    this.#subscriber = subscriber;
    subscriber.on('message', (channel, text) => this.#onMessage(channel, text));
  }

  /** Resolves with a function that ends it, once Redis has confirmed the subscriptions. */
  async listen({ channels, taskId, hear }: ListenOptions): Promise<() => void> {
    const key = taskId ?? null;
    for (const channel of channels) {
      const byTask = this.#hearers.get(channel) ?? new Map();
      this.#hearers.set(channel, byTask.set(key, (byTask.get(key) ?? new Set()).add(hear)));
    }
    const stop = () => {
      for (const channel of channels) this.#forget(channel, key, hear);
    };
    try {
      // Also for channels already subscribed to: the answer proves that the first subscription is confirmed.
      await this.#subscriber.subscribe(...channels);
    } catch (error) {
      stop();
      throw error;
    }
    return stop;
  }

  #forget(channel: string, key: string | null, hear: ListenOptions['hear']): void {
    const byTask = this.#hearers.get(channel);
    const hearers = byTask?.get(key);
    hearers?.delete(hear);
    if (hearers?.size === 0) byTask?.delete(key);
    if (byTask?.size !== 0) return;
    this.#hearers.delete(channel);
    // A connection that is gone has no subscriptions left to end.
    this.#subscriber.unsubscribe(channel).catch(() => undefined);
  }

  #onMessage(channel: string, text: string): void {
    const byTask = this.#hearers.get(channel);
    if (!byTask) return;
    const message = aboutTask(text);
    if (!message) return;
    for (const hearers of [byTask.get(message.task_id), message.task_id === null ? undefined : byTask.get(null)]) {
      for (const hear of hearers ?? []) hear(message, channel);
    }
  }
}

/** Anybody may publish on these channels: a message that names no task is not ours. */
function aboutTask(text: string): AboutTask | undefined {
  try {
    const message: unknown = parseMessage(text);
    return isJsonObject(message) && 'task_id' in message ? (message as unknown as AboutTask) : undefined;
  } catch {
    return undefined;
  }
}
