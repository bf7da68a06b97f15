import { leaderChannel, leaderKey, processorChannel } from '@taskwire/protocol';
import type { Redis } from 'ioredis';
import { loadScript, type Script } from './scripts/load-script.ts';

export interface LeadOptions {
  redis: Redis;
  keyPrefix: string;
  /** This processor. */
  instance: string;
}

/** The lead, in Redis: one processor holds it, and all know which. */
export class Lead {
  /** Channels that this processor must hear: who leads, and its own, the proof that it hears. */
  readonly channels: readonly [leader: string, own: string];
  readonly #options: LeadOptions;
  readonly #claim: Script<number>;
  readonly #resign: Script<number>;

  constructor(options: LeadOptions) {
    const { redis, keyPrefix, instance } = options;
    this.#options = options;
    this.#claim = loadScript(redis, 'lead');
    this.#resign = loadScript(redis, 'resign');
    this.channels = [leaderChannel(keyPrefix), processorChannel(keyPrefix, instance)];
  }

  /**
   * Claims the lead, or keeps it; see `lead.lua`.
   *
   * @param again whether to be told again who leads.
   */
  async claim({ leaseMs, again }: { leaseMs: number; again: boolean }): Promise<void> {
    const { keyPrefix, instance } = this.#options;
    const key = leaderKey(keyPrefix);
    const ownPrefix = processorChannel(keyPrefix, '');
    await this.#claim(1, key, instance, leaseMs, this.channels[0], ownPrefix, again ? '1' : '');
  }

  /** Gives up the lead; see `resign.lua`. @returns how many processors hear it, this one included; 0 when it did not lead. */
  resign(): Promise<number> {
    const { keyPrefix, instance } = this.#options;
    return this.#resign(1, leaderKey(keyPrefix), instance, this.channels[0]);
  }
}
