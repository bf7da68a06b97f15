import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '@taskwire/config';
import { leaderChannel, leaderKey, processorChannel } from '@taskwire/protocol';
import type { Logger } from '@taskwire/runtime';
import type { Redis } from 'ioredis';

const CLAIM = readFileSync(new URL('lead.lua', import.meta.url), 'utf8');
const RESIGN = readFileSync(new URL('resign.lua', import.meta.url), 'utf8');

/** A leader that is frozen or cut off from Redis is replaced after this; one that died, with the next claim. */
const LEASE_MS = 5000;
const CLAIM_INTERVAL_MS = 1000;
const HAND_OVER_TIMEOUT_MS = 1000;

interface LeadershipCommands {
  taskwireLead(
    numberOfKeys: 1,
    key: string,
    instance: string,
    leaseMs: number,
    channel: string,
    ownPrefix: string,
    again: '1' | '',
  ): Promise<number>;
  taskwireResign(numberOfKeys: 1, key: string, instance: string, channel: string): Promise<number>;
}

export interface LeadershipOptions {
  redis: Redis;
  config: Config;
  instance: string;
  logger: Logger;
}

/**
 * Whether this processor leads: takes the messages without a task id, of which every processor receives a copy, and
 * answers those that cannot become a task.
 *
 * What it hears on its channels must come over the connection of the messages themselves: a change of leader then stands
 * at the same place among them for all processors, and no message has two leaders, or none while one is there.
 */
export class Leadership implements AsyncDisposable {
  /** To be subscribed to along with the messages, and given to `hear`. */
  readonly channels: readonly [leader: string, own: string];
  readonly #options: LeadershipOptions;
  readonly #commands: LeadershipCommands;
  readonly #key: string;
  readonly #ownPrefix: string;
  #leading = false;
  #resigning = false;
  #claim: Promise<unknown> | undefined;
  #claimedAt = 0;
  #heardAt: number | null = null;
  #lagMs: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  #heardOwn = Promise.withResolvers<void>();
  readonly #succeeded = Promise.withResolvers<void>();

  constructor(options: LeadershipOptions) {
    this.#options = options;
    const { redis, config, instance } = options;
    const prefix = config.redis.key_prefix;
    this.#key = leaderKey(prefix);
    this.#ownPrefix = processorChannel(prefix, '');
    this.channels = [leaderChannel(prefix), processorChannel(prefix, instance)];
    redis.defineCommand('taskwireLead', { lua: CLAIM });
    redis.defineCommand('taskwireResign', { lua: RESIGN });
    this.#commands = redis as unknown as LeadershipCommands;
  }

  get leading(): boolean {
    return this.#leading;
  }

  /** When it last heard itself over the connection of the messages (ms since 1970), and how long that took. */
  get proof(): { provenAt: number | null; lagMs: number | null } {
    return { provenAt: this.#heardAt, lagMs: this.#lagMs };
  }

  /** To be called when the channels are subscribed to. Resolves when it knows whether it leads. */
  async start(): Promise<void> {
    await this.resume();
    this.#timer = setInterval(() => this.#claimLead(''), CLAIM_INTERVAL_MS);
  }

  /** Takes what came on one of the channels. */
  hear(channel: string, message: string): void {
    if (channel === this.channels[1]) {
      this.#heardAt = Date.now();
      this.#lagMs = this.#heardAt - this.#claimedAt;
      this.#heardOwn.resolve();
    } else if (message !== '') {
      this.#lead(message === this.#options.instance);
      if (!this.#leading) this.#succeeded.resolve();
    } else if (!this.#resigning) {
      this.#claimLead('');
    }
  }

  /** What was told meanwhile is not known: it does not lead until it is told so again. */
  cut(): void {
    this.#leading = false;
  }

  /** To be called when the channels are subscribed to again after a cut. Resolves when it knows whether it leads. */
  async resume(): Promise<void> {
    this.#heardOwn = Promise.withResolvers();
    this.#claimLead('1');
    // The script tells who leads before it has us hear ourselves.
    await this.#heardOwn.promise;
  }

  /** Lets another processor lead, if there is one. It leads until that one does. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#resigning = true;
    const { redis, instance } = this.#options;
    if (!this.#leading || redis.status !== 'ready') return;
    const timeout = delay(HAND_OVER_TIMEOUT_MS, undefined, { ref: false });
    const handOver = this.#commands.taskwireResign(1, this.#key, instance, this.channels[0]).then(async (hearing) => {
      if (hearing > 1) await this.#succeeded.promise;
    });
    await Promise.race([handOver.catch(() => undefined), timeout]);
  }

  /** Claims the lead, or keeps it. While Redis is away this waits, and only one claim does. */
  #claimLead(again: '1' | ''): void {
    if (again === '') {
      if (this.#claim) return;
    }
    const { instance, logger } = this.#options;
    this.#claimedAt = Date.now();
    const claim = this.#commands
      .taskwireLead(1, this.#key, instance, LEASE_MS, this.channels[0], this.#ownPrefix, again)
      .catch((error: unknown) => logger.debug({ err: error }, 'Redis did not take the claim to lead'))
      .finally(() => {
        if (this.#claim === claim) this.#claim = undefined;
      });
    this.#claim = claim;
  }

  #lead(leading: boolean): void {
    if (leading !== this.#leading) this.#options.logger.info(leading ? 'this processor leads' : 'another one leads');
    this.#leading = leading;
  }
}
