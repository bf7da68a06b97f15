import type { Config } from '@taskwire/config';
import { cancellationsKey, rejectionKey, resultKey, resultsStreamKey, taskKey } from '@taskwire/protocol';

/** The end of a task, or of a message that did not become one. See `announce.lua` for the modes. */
export interface Answer {
  mode: 'final' | 'rejection' | 'repeat';
  taskId: string | null;
  replyTo: string | undefined;
  /** The result as it goes over the wire. */
  message: string;
  /** The event published with it; empty for none. */
  finishedEvent: string;
}

/** So that Redis is never blocked for long, and the arguments fit on JavaScript's stack. */
const MAX_CALL_SIZE = 4 * 1024 * 1024;
const MAX_MESSAGES = 1000;

/** The events and answers of one turn of the event loop: one script call. */
export class Announcement {
  readonly #events: string[] = [];
  readonly #answers: Answer[] = [];
  #size = 0;
  readonly #sent = Promise.withResolvers<void>();

  /** Settles when Redis has taken it. */
  get sent(): Promise<void> {
    return this.#sent.promise;
  }

  /** Whether it holds as much as one script call should carry: about 4 MiB, or 1000 messages. */
  get isFull(): boolean {
    return this.#size >= MAX_CALL_SIZE || this.#events.length + this.#answers.length >= MAX_MESSAGES;
  }

  addEvent(event: string): void {
    this.#events.push(event);
    this.#size += event.length;
  }

  addAnswer(answer: Answer): void {
    this.#answers.push(answer);
    this.#size += answer.message.length;
  }

  settle(sending: Promise<unknown>): void {
    sending.then(() => this.#sent.resolve(), this.#sent.reject);
  }

  /** Number of keys, then keys and arguments, as `announce.lua` wants them. */
  call({
    redis,
    results,
  }: Pick<Config, 'redis' | 'results'>): [numberOfKeys: number, ...keysAndArguments: (string | number)[]] {
    const keys = [resultsStreamKey(redis.key_prefix), cancellationsKey(redis.key_prefix)];
    const args: (string | number)[] = [
      redis.channels.events,
      redis.channels.results,
      results.ttl_seconds,
      results.stream_max_length,
      this.#events.length,
      ...this.#events,
    ];
    for (const { mode, taskId, replyTo, message, finishedEvent } of this.#answers) {
      if (taskId !== null) {
        const id = [redis.key_prefix, taskId] as const;
        keys.push(taskKey(...id), resultKey(...id), rejectionKey(...id));
      }
      args.push(taskId === null ? 'anonymous' : mode, replyTo ?? '', message, finishedEvent);
    }
    return [keys.length, ...keys, ...args];
  }
}
