import type { Config } from '@taskwire/config';
import type { TaskEvent } from '@taskwire/protocol';

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

/** What the results stream says of a task besides its result: JSON. The run is also kept with the result. */
export interface Told {
  request?: string | undefined;
  run?: string | undefined;
}

/** So that Redis is never blocked for long, and the arguments fit on JavaScript's stack. */
const MAX_CALL_SIZE = 4 * 1024 * 1024;
const MAX_MESSAGES = 1000;

/** The events and answers of one turn of the event loop: one script call. */
export class Announcement {
  readonly #events = new Set<TaskEvent>();
  /** Those of attempts that begin, by task. */
  readonly #started = new Map<string | null, TaskEvent & { event: 'started' }>();
  /** The arguments of the answers, four for each. */
  readonly #answers: string[] = [];
  #size = 0;
  /** Settled when Redis has taken it. */
  readonly sent = Promise.withResolvers<void>();

  /** Whether it holds as much as one script call should carry: about 4 MiB, or 1000 messages. */
  get isFull(): boolean {
    return this.#size >= MAX_CALL_SIZE || this.#events.size + this.#answers.length / 4 >= MAX_MESSAGES;
  }

  addEvent(event: TaskEvent): void {
    this.#events.add(event);
    if (event.event === 'started') this.#started.set(event.task_id, event);
    // All else in an event is short.
    this.#size += JSON.stringify(event.user_id).length + ('error' in event ? event.error.length : 0);
  }

  addAnswer({ mode, taskId, timestamp, replyTo = '', message, told, endsCheckpoint }: Answer): void {
    const { request = '', run = '' } = told ?? {};
    // Redis cuts the event from the result.
    const started = this.#started.get(taskId);
    if (started) this.#events.delete(started);
    this.#started.delete(taskId);
    const start = started ? `${started.attempt},${started.timestamp}` : '';
    const head = `${mode}${endsCheckpoint ? '*' : ''}|${taskId ?? ''}|${timestamp}|${start}|${replyTo}`;
    this.#answers.push(head, message, request, run);
    this.#size += message.length + request.length + run.length;
  }

  /** Number of keys, then keys and arguments, as `announce.lua` wants them. */
  call({
    redis,
    results,
  }: Pick<Config, 'redis' | 'results'>): [numberOfKeys: number, ...keysAndArguments: (string | number)[]] {
    return [
      1,
      `${redis.key_prefix}:`,
      redis.channels.events,
      redis.channels.results,
      results.ttl_seconds,
      `${results.stream_max_length > 0 ? 's' : ''}${redis.cluster.length > 0 ? 'c' : ''}`,
      this.#events.size,
      ...[...this.#events].map((event) => JSON.stringify(event)),
      ...this.#answers,
    ];
  }
}
