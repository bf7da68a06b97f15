import type { ServiceStatus } from '@taskwire/monitoring';
import { readServices } from '@taskwire/monitoring/services';
import type { Redis } from 'ioredis';

/** How long nobody must have known a type before its tasks end. */
const WAIT_FOR_WORKER_MS = 30_000;

/** In a deployment thousands of tasks may be passed on at once: they share one look. */
const LOOK_INTERVAL_MS = 1000;

/** What the workers of an installation know, as their heartbeats tell. */
export class OtherWorkers {
  readonly #redis: Redis;
  readonly #keyPrefix: string;
  /** Since when no worker has known a type, and when that was last seen, by queue and type. In ms since 1970. */
  readonly #unknown = new Map<string, { since: number; seenAt: number }>();
  #look: { at: number; services: Promise<ServiceStatus[]> } | undefined;

  constructor({ redis, keyPrefix }: { redis: Redis; keyPrefix: string }) {
    this.#redis = redis;
    this.#keyPrefix = keyPrefix;
  }

  /** Whether a worker of the queue knows the type, or has until lately, or may soon: one that knows it may just be starting. */
  async mayKnow(queue: string, type: string): Promise<boolean> {
    const now = Date.now();
    const services = await this.#services(now);
    const key = `${queue} ${type}`;
    const knows = services.some(
      ({ state, queues, task_types }) =>
        state !== 'silent' && queues.includes(queue) && (task_types?.[queue]?.includes(type) ?? true),
    );
    if (knows) {
      this.#unknown.delete(key);
      return true;
    }
    const known = this.#unknown.get(key);
    const since = known && now - known.seenAt < WAIT_FOR_WORKER_MS ? known.since : now;
    this.#unknown.set(key, { since, seenAt: now });
    return now - since < WAIT_FOR_WORKER_MS;
  }

  #services(now: number): Promise<ServiceStatus[]> {
    if (!this.#look || now - this.#look.at >= LOOK_INTERVAL_MS) {
      const services = readServices(this.#redis, this.#keyPrefix).then((read) => read.services);
      this.#look = { at: now, services };
      services.catch(() => (this.#look = undefined));
    }
    return this.#look.services;
  }
}
