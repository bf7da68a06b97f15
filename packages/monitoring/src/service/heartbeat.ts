import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { countersKey, latestFailuresKey, latestResultsKey, minuteKey, servicesKey } from '@taskwire/protocol';
import type { Redis } from 'ioredis';
import { GrowthMeter, sampleName } from '../metrics/growth.ts';
import { LONGEST, type ServiceMetrics } from '../metrics/service-metrics.ts';
import { type Beat, FORMAT } from './beat.ts';
import type { Vitals } from './vitals.ts';

const SCRIPT = readFileSync(new URL('beat.lua', import.meta.url), 'utf8');

export interface HeartbeatOptions {
  service: string;
  instance: string;
  version: string;
  keyPrefix: string;
  /** A connection that fails when Redis is away instead of waiting. */
  redis: Redis;
  metrics: ServiceMetrics;
  vitals: () => Vitals;
}

/** Counts that are sent until Redis has taken them. */
interface Counted {
  sequence: number;
  minute: number;
  /** Arguments of the script. */
  growth: string[];
  results: string[];
  failures: string[];
  keep: () => void;
}

interface BeatCommand {
  taskwireBeat(numberOfKeys: 5, ...keysAndArguments: (string | number)[]): Promise<number>;
}

/** The charts show an hour. */
const KEEP_MINUTES_S = 2 * 60 * 60;

/** Their growth in each minute is kept, for the charts. */
const IN_MINUTES = /^taskwire_(results_total|task_latency_seconds_bucket)\{/;

/** More than are shown, since those of several processes come in the order of their heartbeats. */
const KEEP_RESULTS = 200;

/** Tells Redis what a process is, how it is doing, and the growth of its counters. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #meter: GrowthMeter;
  readonly #commands: BeatCommand;
  readonly #startedAt = Date.now();
  #sequence = 0;
  #counted: Counted | undefined;
  #lastAt: number | null = null;
  /** By how much the clock of Redis is ahead of this one. */
  #redisAheadMs = 0;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#meter = new GrowthMeter(options.metrics.registry);
    options.redis.defineCommand('taskwireBeat', { lua: SCRIPT });
    this.#commands = options.redis as unknown as BeatCommand;
  }

  /** When Redis last took one; null when it never did. */
  get lastAt(): number | null {
    return this.#lastAt;
  }

  /**
   * One heartbeat, in one round trip.
   *
   * @throws if Redis does not answer. The counts are then sent again with the next heartbeat, and count once.
   */
  async beat(): Promise<void> {
    const { keyPrefix, service, instance, version, vitals } = this.#options;
    const at = Date.now();
    this.#counted ??= await this.#count(at);
    const { sequence, minute, growth, results, failures, keep } = this.#counted;
    const identity = { service, instance, host: hostname(), pid: process.pid, version, format: FORMAT };
    const { user, system } = process.cpuUsage();
    const used = { memoryBytes: process.memoryUsage.rss(), cpuSeconds: (user + system) / 1e6 };
    const beat: Beat = { ...identity, startedAt: this.#startedAt, at, sequence, ...used, ...vitals() };
    const keys = [
      servicesKey(keyPrefix),
      countersKey(keyPrefix),
      minuteKey(keyPrefix, minute),
      latestResultsKey(keyPrefix),
      latestFailuresKey(keyPrefix),
    ];
    const args = [instance, sequence, JSON.stringify(beat), KEEP_MINUTES_S, KEEP_RESULTS];
    const counted = [growth.length / 3, results.length, ...growth, ...results, ...failures];
    const seenAt = await this.#commands.taskwireBeat(5, ...keys, ...args, ...counted);
    keep();
    this.#counted = undefined;
    this.#lastAt = at;
    this.#redisAheadMs = seenAt - at;
  }

  /** The last one: the process ends cleanly and must not count as silent. */
  async end(): Promise<void> {
    const { redis, keyPrefix, instance } = this.#options;
    // A full Redis refuses a heartbeat, but lets one be deleted.
    await this.beat().catch(() => undefined);
    await redis.hdel(servicesKey(keyPrefix), instance);
  }

  async #count(at: number): Promise<Counted> {
    const { growth, keep } = await this.#meter.measure();
    const { metrics } = this.#options;
    const { results, failures } = metrics.recent.take();
    const longest = metrics.takeLongest();
    this.#sequence += 1;
    return {
      sequence: this.#sequence,
      minute: Math.floor((at + this.#redisAheadMs) / 60_000),
      growth: [
        ...[...growth].flatMap(([name, grown]) => [name, String(grown), IN_MINUTES.test(name) ? 'minute' : '']),
        ...[...longest].flatMap(([queue, seconds]) => [sampleName(LONGEST, { queue }), String(seconds), 'longest']),
      ],
      results: results.map((summary) => JSON.stringify(summary)),
      failures: failures.map((summary) => JSON.stringify(summary)),
      keep,
    };
  }
}
