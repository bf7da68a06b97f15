import type { RedisConfig } from '@taskwire/config';
import { type Installation, leaderChannel, leaderKey, processorChannel } from '@taskwire/protocol';
import type { Redis } from 'ioredis';
import { inlineScript, loadScript, type Script } from './scripts/load-script.ts';

export interface LeadOptions {
  redis: Redis;
  installation: Installation & Pick<RedisConfig, 'cluster'>;
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
    const { redis, installation, instance } = options;
    this.#options = options;
    this.#claim = loadScript(redis, 'lead');
    this.#resign = loadScript(redis, 'resign');
    this.channels = [leaderChannel(installation), processorChannel(installation, instance)];
  }

  /**
   * Claims the lead, or keeps it; see `lead.lua`.
   *
   * @param believed who leads, as far as this processor knows: when another one does, it is told again.
   * @param over default: the connection for commands.
   */
  async claim({ leaseMs, believed, over }: { leaseMs: number; believed: string; over?: Redis }): Promise<void> {
    const { installation, instance } = this.#options;
    const key = leaderKey(installation.key_prefix);
    const ownPrefix = processorChannel(installation, '');
    const clustered = installation.cluster.length > 0;
    // The subscriber of a cluster may be at a node that does not have the key.
    const claim = over && !clustered ? inlineScript(over, 'lead') : this.#claim;
    await claim(1, key, instance, leaseMs, this.channels[0], ownPrefix, believed, clustered ? '1' : '');
  }

  /** Gives up the lead; see `resign.lua`. @returns how many processors hear it, this one included; 0 when it did not lead. */
  resign(): Promise<number> {
    const { installation, instance } = this.#options;
    return this.#resign(1, leaderKey(installation.key_prefix), instance, this.channels[0]);
  }
}
