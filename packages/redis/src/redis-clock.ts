import type { Redis } from 'ioredis';

const MEASURED_FOR_MS = 60_000;

/** The time by Redis' clock, in ms since 1970. */
export async function redisTime(redis: Redis): Promise<number> {
  const [seconds, microseconds] = await redis.time();
  return Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
}

/** The clock that all processes of an installation share: those of their machines may differ by minutes. */
export class RedisClock {
  readonly #redis: Redis;
  #measuredAt = Number.NEGATIVE_INFINITY;
  #first: Promise<void> | undefined;
  /** By how much it is ahead of this process's clock, in ms; negative if it is behind. */
  aheadMs = 0;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** Measures it, and again every minute. Resolves when it has been measured once. */
  async measured(): Promise<void> {
    const now = performance.now();
    if (now - this.#measuredAt > MEASURED_FOR_MS) {
      this.#measuredAt = now;
      const measured = this.#measure().catch(() => undefined);
      this.#first ??= measured;
    }
    await this.#first;
  }

  async #measure(): Promise<void> {
    const [sentAt, began] = [Date.now(), performance.now()];
    const time = await redisTime(this.#redis);
    const halfTripMs = (performance.now() - began) / 2;
    const aheadMs = time - sentAt - halfTripMs;
    // No more than the trip may explain: the clocks are taken for the same.
    this.aheadMs = Math.abs(aheadMs) <= halfTripMs + 1 ? 0 : Math.round(aheadMs);
  }
}
