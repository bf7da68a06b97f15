import { HEARS_PATTERN, hearerOf, hearsChannel } from '@taskwire/protocol';
import type { ServiceContext } from '@taskwire/service';
import type { Redis } from 'ioredis';

export interface OtherInstallationsOptions extends Pick<ServiceContext, 'config' | 'logger'> {
  redis: Redis;
}

const LOOK_INTERVAL_MS = 5000;

/** Finds the installations that hear the same requests: channels are global to a Redis server, whatever the database. */
export class OtherInstallations implements Disposable {
  /** Subscribe to these along with the requests: others find this installation by them. */
  readonly signs: readonly string[];
  readonly #options: OtherInstallationsOptions;
  #names: readonly string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: OtherInstallationsOptions) {
    this.#options = options;
    const { redis } = options.config;
    this.signs = redis.channels.tasks.map((channel) => hearsChannel(redis, channel));
  }

  /** Each by its prefix and database. */
  get names(): readonly string[] {
    return this.#names;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#look(), LOOK_INTERVAL_MS);
    void this.#look();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const { redis, config, logger } = this.#options;
    if (redis.status !== 'ready') return;
    const { key_prefix, db, channels } = config.redis;
    const found = (await redis.pubsub('CHANNELS', HEARS_PATTERN).catch(() => [])) as string[];
    const others = found
      .map(hearerOf)
      .filter((one) => one && channels.tasks.includes(one.channel) && (one.key_prefix !== key_prefix || one.db !== db))
      .map((one) => `${one?.key_prefix} in database ${one?.db}`);
    const names = [...new Set(others)].toSorted();
    const appeared = names.filter((name) => !this.#names.includes(name));
    if (appeared.length > 0) logger.warn({ others: appeared }, 'another installation hears the same requests');
    this.#names = names;
  }
}
