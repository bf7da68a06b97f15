import type { Config } from '@taskwire/config';
import { rejectionKey, resultKey, resultsStreamKey, taskKey } from '@taskwire/protocol';

/** The end of a task, or of a message that did not become one. See `announce.lua` for the modes. */
export interface Outcome {
  mode: 'final' | 'rejection' | 'repeat';
  taskId: string | null;
  replyTo: string | undefined;
  /** The result as it goes over the wire. */
  message: string;
  /** The event that goes with it; empty for none. */
  finishedEvent: string;
}

/** What is said in one turn of the event loop, and goes to Redis in one script call. */
export class Announcement {
  readonly #events: string[] = [];
  readonly #outcomes: Outcome[] = [];
  #size = 0;
  readonly #sent = Promise.withResolvers<void>();

  /** Settles when Redis has taken it. */
  get sent(): Promise<void> {
    return this.#sent.promise;
  }

  /** Length of all messages in it, in UTF-16 code units. */
  get size(): number {
    return this.#size;
  }

  addEvent(event: string): void {
    this.#events.push(event);
    this.#size += event.length;
  }

  addOutcome(outcome: Outcome): void {
    this.#outcomes.push(outcome);
    this.#size += outcome.message.length;
  }

  settle(sending: Promise<unknown>): void {
    sending.then(() => this.#sent.resolve(), this.#sent.reject);
  }

  /** Number of keys, then keys and arguments, as `announce.lua` wants them. */
  call({ redis, results }: Config): [numberOfKeys: number, ...keysAndArguments: (string | number)[]] {
    const keys = [resultsStreamKey(redis.key_prefix)];
    const args: (string | number)[] = [
      redis.channels.events,
      redis.channels.results_queue,
      results.ttl_seconds,
      results.stream_max_length,
      this.#events.length,
      ...this.#events,
    ];
    for (const { mode, taskId, replyTo, message, finishedEvent } of this.#outcomes) {
      if (taskId !== null) {
        const id = [redis.key_prefix, taskId] as const;
        keys.push(taskKey(...id), resultKey(...id), rejectionKey(...id));
      }
      args.push(taskId === null ? 'anonymous' : mode, replyTo ?? '', message, finishedEvent);
    }
    return [keys.length, ...keys, ...args];
  }
}
