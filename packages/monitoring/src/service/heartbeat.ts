import { hostname } from 'node:os';
import { countersKey, latestFailuresKey, latestResultsKey, minuteKey, servicesKey } from '@taskwire/protocol';
import type { ChainableCommander, Redis } from 'ioredis';
import { GrowthMeter } from '../metrics/growth.ts';
import type { ServiceMetrics } from '../metrics/service-metrics.ts';
import type { ResultSummary } from '../status/installation-status.ts';
import type { Vitals } from './vitals.ts';

/** What a service leaves in Redis with every heartbeat: one field of `servicesKey`, as JSON. */
export interface Beat extends Vitals {
  service: string;
  instance: string;
  host: string;
  pid: number;
  version: string;
  /** ms since 1970, as all times here. */
  startedAt: number;
  at: number;
}

export interface HeartbeatOptions {
  service: string;
  instance: string;
  version: string;
  keyPrefix: string;
  /** A connection that fails when Redis is away, rather than wait. */
  redis: Redis;
  metrics: ServiceMetrics;
  vitals: () => Vitals;
}

/** More than are shown, since those of several processes come in the order of their heartbeats. */
const KEEP_RESULTS = 200;

/** The minutes are drawn for an hour. */
const KEEP_MINUTES_S = 2 * 60 * 60;

/** Of these the growth in each minute is kept, for the charts. */
const IN_MINUTES = /^taskwire_(results_total|task_latency_seconds_bucket)\{/;

/** Tells Redis what a process is, how it fares, and by how much its counters have grown. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #meter: GrowthMeter;
  readonly #startedAt = Date.now();
  #lastAt: number | null = null;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#meter = new GrowthMeter(options.metrics.registry);
  }

  /** When Redis last took one; null when it never did. */
  get lastAt(): number | null {
    return this.#lastAt;
  }

  /** One heartbeat, in one round trip. @throws when Redis does not take it; what has grown is then told next time. */
  async beat(): Promise<void> {
    const { redis, keyPrefix, service, instance, version, metrics, vitals } = this.#options;
    const at = Date.now();
    const beat: Beat = {
      service,
      instance,
      host: hostname(),
      pid: process.pid,
      version,
      startedAt: this.#startedAt,
      at,
      ...vitals(),
    };
    const { growth, keep } = await this.#meter.measure();
    const minute = minuteKey(keyPrefix, Math.floor(at / 60_000));
    const transaction = redis.multi().hset(servicesKey(keyPrefix), instance, JSON.stringify(beat));
    for (const [name, grown] of growth) {
      transaction.hincrbyfloat(countersKey(keyPrefix), name, grown);
      if (IN_MINUTES.test(name)) transaction.hincrbyfloat(minute, name, grown).expire(minute, KEEP_MINUTES_S);
    }
    const { results, failures } = metrics.recent.take();
    addTo(transaction, latestResultsKey(keyPrefix), results);
    addTo(transaction, latestFailuresKey(keyPrefix), failures);
    await transaction.exec();
    keep();
    this.#lastAt = at;
  }

  /** The last one: the process ends in good order and is not to be missed. */
  async end(): Promise<void> {
    const { redis, keyPrefix, instance } = this.#options;
    await this.beat();
    await redis.hdel(servicesKey(keyPrefix), instance);
  }
}

function addTo(transaction: ChainableCommander, key: string, summaries: readonly ResultSummary[]): void {
  if (summaries.length === 0) return;
  transaction.lpush(key, ...summaries.map((summary) => JSON.stringify(summary))).ltrim(key, 0, KEEP_RESULTS - 1);
}
