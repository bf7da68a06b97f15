import type { Config } from '@taskwire/config';
import { redisTime } from '@taskwire/redis';
import type { Redis } from 'ioredis';
import { findingsIn } from './findings.ts';
import type { InstallationStatus } from './installation-status.ts';
import { HistoryReader } from './read-history.ts';
import { addHeldJobs, readQueue, type WatchedQueue } from './read-queues.ts';
import { readRedis } from './read-redis.ts';
import { readLatest } from './read-results.ts';
import { readServices } from './read-services.ts';
import { readStreams } from './read-streams.ts';

export type { WatchedQueue } from './read-queues.ts';

export interface StatusReaderOptions {
  config: Config;
  /** A connection that fails when Redis is away instead of waiting. */
  redis: Redis;
  /** Over a connection of the same kind. */
  queues: Iterable<WatchedQueue>;
}

/** Reads the state of an installation. Keep it and call it again: then it reads only changes. */
export class StatusReader {
  readonly #config: Config;
  readonly #redis: Redis;
  readonly #queues: readonly WatchedQueue[];
  readonly #history: HistoryReader;

  constructor({ config, redis, queues }: StatusReaderOptions) {
    this.#config = config;
    this.#redis = redis;
    this.#queues = [...queues].sort((a, b) => a.name.localeCompare(b.name));
    this.#history = new HistoryReader(redis, config.redis.key_prefix);
  }

  /** @throws when Redis does not answer. */
  async read(): Promise<InstallationStatus> {
    const now = await redisTime(this.#redis);
    const { key_prefix } = this.#config.redis;
    const names = this.#queues.map(({ name }) => name);
    const [{ redis, settings }, streams, processes, queues, { histories, outcomes }, results] = await Promise.all([
      readRedis(this.#redis, this.#config.redis),
      readStreams(this.#redis, key_prefix),
      readServices(this.#redis, key_prefix),
      Promise.all(this.#queues.map((queue) => readQueue(queue, now))),
      this.#history.read(names, now),
      readLatest(this.#redis, key_prefix),
    ]);
    await addHeldJobs(processes.services, this.#queues);
    const at = new Date(now).toISOString();
    const known = {
      at,
      redis,
      streams,
      ...processes,
      outcomes,
      queues: queues.map((queue) => ({ ...queue, history: histories.get(queue.name) ?? [] })),
    };
    const { enabled: expectsWeb } = this.#config.web;
    return { findings: findingsIn({ ...known, expectsWeb }, settings), ...known, ...results };
  }
}
