import { readFileSync } from 'node:fs';
import { leaderChannel, leaderKey, processorChannel } from '@taskwire/protocol';
import type { Redis } from 'ioredis';

const CLAIM = readFileSync(new URL('lead.lua', import.meta.url), 'utf8');
const RESIGN = readFileSync(new URL('resign.lua', import.meta.url), 'utf8');

interface Scripts {
  taskwireLead(keys: 1, ...keysAndArguments: (string | number)[]): Promise<number>;
  taskwireResign(keys: 1, ...keysAndArguments: (string | number)[]): Promise<number>;
}

export interface LeadOptions {
  redis: Redis;
  keyPrefix: string;
  /** This processor. */
  instance: string;
}

/** The lead, in Redis: one processor holds it, and all are told which. */
export class Lead {
  /** To be heard by this processor: who leads; and what it says to itself, the proof that it hears. */
  readonly channels: readonly [leader: string, own: string];
  readonly #options: LeadOptions;
  readonly #scripts: Scripts;

  constructor(options: LeadOptions) {
    const { redis, keyPrefix, instance } = options;
    redis.defineCommand('taskwireLead', { lua: CLAIM });
    redis.defineCommand('taskwireResign', { lua: RESIGN });
    this.#options = options;
    this.#scripts = redis as unknown as Scripts;
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
    await this.#scripts.taskwireLead(1, key, instance, leaseMs, this.channels[0], ownPrefix, again ? '1' : '');
  }

  /** Gives the lead up; see `resign.lua`. @returns how many processors hear it, this one included; 0 when it did not lead. */
  resign(): Promise<number> {
    const { keyPrefix, instance } = this.#options;
    return this.#scripts.taskwireResign(1, leaderKey(keyPrefix), instance, this.channels[0]);
  }
}
