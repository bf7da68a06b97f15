import type { Config } from '@taskwire/config';

/** The end of a task, or of a message that did not become one. See `announce.lua` for the modes. */
export interface Answer {
  mode: 'completed' | 'error' | 'rejection' | 'repeat';
  taskId: string | null;
  /** Of its end. */
  timestamp: string;
  replyTo: string | undefined;
  /** The result as it goes over the wire. */
  message: string;
  /** What the results stream says besides. */
  told?: Told | undefined;
  /** Whether the task has a checkpoint, which ends with it. */
  endsCheckpoint?: boolean;
}

/** What the results stream says of a task besides its result: JSON. */
export interface Told {
  request?: string | undefined;
  run?: string | undefined;
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
    const { message, told } = answer;
    this.#size += message.length + (told?.request?.length ?? 0) + (told?.run?.length ?? 0);
  }

  settle(sending: Promise<unknown>): void {
    sending.then(() => this.#sent.resolve(), this.#sent.reject);
  }

  /** Number of keys, then keys and arguments, as `announce.lua` wants them. */
  call({
    redis,
    results,
  }: Pick<Config, 'redis' | 'results'>): [numberOfKeys: number, ...keysAndArguments: (string | number)[]] {
    const args: (string | number)[] = [
      redis.channels.events,
      redis.channels.results,
      results.ttl_seconds,
      `${results.stream_max_length > 0 ? 's' : ''}${redis.cluster.length > 0 ? 'c' : ''}`,
      this.#events.length,
      ...this.#events,
    ];
    for (const { mode, taskId, timestamp, replyTo, message, told, endsCheckpoint } of this.#answers) {
      const head = `${mode}${endsCheckpoint ? '*' : ''}|${taskId ?? ''}|${timestamp}|${replyTo ?? ''}`;
      args.push(head, message, told?.request ?? '', told?.run ?? '');
    }
    return [1, `${redis.key_prefix}:`, ...args];
  }
}
