import { Redis } from 'ioredis';

/** A message as it came over a channel. */
export interface Recorded {
  channel: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at whatever the wire brings
  message: any;
}

interface Waiter {
  matches: (recorded: Recorded) => boolean;
  resolve: (recorded: Recorded) => void;
}

/** Listens on channels and keeps all messages, so that a test can wait for one that may be there already. */
export class Recorder implements AsyncDisposable {
  readonly all: Recorded[] = [];
  readonly #redis: Redis;
  readonly #waiters = new Set<Waiter>();

  private constructor(redis: Redis) {
    this.#redis = redis;
    // Tests take Redis away, too.
    redis.on('error', () => undefined);
    redis.on('message', (channel, text) => this.#record({ channel, message: JSON.parse(text) }));
  }

  /** Resolves when it is subscribed. */
  static async on(url: string, channels: readonly string[]): Promise<Recorder> {
    const redis = new Redis(url, { enableReadyCheck: false });
    const recorder = new Recorder(redis);
    await redis.subscribe(...channels);
    return recorder;
  }

  /** The first message that matches: an earlier one, or the next to come. The test's own time limit bounds the wait. */
  first(matches: (recorded: Recorded) => boolean): Promise<Recorded> {
    const found = this.all.find(matches);
    if (found) return Promise.resolve(found);
    return new Promise((resolve) => this.#waiters.add({ matches, resolve }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#redis.disconnect();
  }

  #record(recorded: Recorded): void {
    this.all.push(recorded);
    for (const waiter of this.#waiters) {
      if (!waiter.matches(recorded)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(recorded);
    }
  }
}
