import type { Redis } from 'ioredis';

export interface LeaseOptions {
  redis: Redis;
  key: string;
  /** Who asks. */
  instance: string;
  forMs: number;
}

/** Something that one process at a time should have. Two that have it for a moment do no harm to the history. */
export class Lease {
  readonly #options: LeaseOptions;
  #renewAt = 0;

  constructor(options: LeaseOptions) {
    this.#options = options;
  }

  /** Takes it, or keeps it. @returns whether this process has it */
  async hold(): Promise<boolean> {
    const { redis, key, instance, forMs } = this.#options;
    const now = performance.now();
    if (now < this.#renewAt) return true;
    const isTaken = (await redis.set(key, instance, 'PX', forMs, 'NX')) === 'OK' || (await this.#isMine());
    if (isTaken) await redis.pexpire(key, forMs);
    this.#renewAt = isTaken ? now + forMs / 5 : 0;
    return isTaken;
  }

  async release(): Promise<void> {
    if (await this.#isMine()) await this.#options.redis.del(this.#options.key);
  }

  async #isMine(): Promise<boolean> {
    return (await this.#options.redis.get(this.#options.key)) === this.#options.instance;
  }
}
