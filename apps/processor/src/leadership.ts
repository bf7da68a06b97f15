import { setTimeout as delay } from 'node:timers/promises';
import { everySecond } from '@taskwire/redis';
import type { ServiceContext } from '@taskwire/service';
import { Lead } from '@taskwire/store';
import type { Redis } from 'ioredis';

/** A leader that is frozen or cut off from Redis is replaced after this; a dead one with the next claim. */
const LEASE_MS = 5000;
/** Longer than the interval of claims, in case a successor does not hear that the lead is free. */
const HAND_OVER_TIMEOUT_MS = 1500;

export interface LeadershipOptions extends Pick<ServiceContext, 'config' | 'instance' | 'logger'> {
  redis: Redis;
}

/**
 * Whether this processor leads: takes the messages without a task id, of which every processor receives a copy, and
 * answers those that cannot become a task.
 *
 * Its channels must be heard over the connection of the messages themselves: then a change of leader is at the same
 * place among them for all processors, and no message has two leaders, or none while there is one.
 */
export class Leadership implements AsyncDisposable {
  /** Subscribe to these along with the messages, and pass what comes to `hear`. */
  readonly channels: readonly [leader: string, own: string];
  readonly #options: LeadershipOptions;
  readonly #lead: Lead;
  #leader = '';
  #resigning = false;
  #claim: Promise<unknown> | undefined;
  #claimedAt = 0;
  #heardAt: number | null = null;
  #lagMs: number | null = null;
  #endClaims: (() => void) | undefined;
  #proven = Promise.withResolvers<void>();
  #succeeded: (() => void) | undefined;

  constructor(options: LeadershipOptions) {
    this.#options = options;
    const { redis, config, instance } = options;
    this.#lead = new Lead({ redis, installation: config.redis, instance });
    this.channels = this.#lead.channels;
  }

  get leading(): boolean {
    return this.#leader === this.#options.instance;
  }

  /** The processor that leads, as last heard; empty if unknown. */
  get leader(): string {
    return this.#leader;
  }

  /** When it last heard itself over the connection of the messages (ms since 1970), and how long that took. */
  get proof(): { provenAt: number | null; lagMs: number | null } {
    return { provenAt: this.#heardAt, lagMs: this.#lagMs };
  }

  /**
   * Call it in one write with the subscription: then it is known who leads before any message comes. Resolves when it has
   * heard that; never, if the connection is cut before.
   */
  async join(subscriber: Redis): Promise<void> {
    // Redis may not take the first claim.
    this.#endClaims ??= everySecond(() => this.#claimLead());
    // The script publishes who leads before it publishes on our own channel.
    void this.#ask({ over: subscriber });
    await this.#proven.promise;
  }

  /** Takes what came on one of the channels; others are ignored. */
  hear(channel: string, message: string): void {
    const [leader, own] = this.channels;
    if (channel === own) {
      this.#heardAt = Date.now();
      this.#lagMs = this.#heardAt - this.#claimedAt;
      this.#proven.resolve();
    } else if (channel === leader && message !== '') {
      this.#follow(message);
      if (!this.leading) this.#succeeded?.();
    } else if (channel === leader) {
      // A claim that is under way may have come too early.
      this.#claimLead({ atOnce: true });
    }
  }

  /** The connection was cut, so it may have missed a change: it does not lead until it hears so again. */
  cut(): void {
    this.#leader = '';
    this.#proven = Promise.withResolvers();
  }

  /** Lets another processor lead, if there is one. This one leads until then. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#endClaims?.();
    this.#resigning = true;
    if (this.#options.redis.status !== 'ready') return;
    const timeout = delay(HAND_OVER_TIMEOUT_MS, undefined, { ref: false });
    await Promise.race([this.#handOver().catch(() => undefined), timeout]);
  }

  async #handOver(): Promise<void> {
    // It may just have got the lead without having heard it yet.
    await this.#claim;
    const succeeded = new Promise<void>((resolve) => (this.#succeeded = resolve));
    if ((await this.#lead.resign()) > 1) await succeeded;
  }

  /** Claims or keeps the lead. While Redis is away this waits, only one claim at a time except those `atOnce`. */
  #claimLead({ atOnce = false } = {}): void {
    if (this.#resigning || (this.#claim && !atOnce)) return;
    const claim = this.#ask().finally(() => {
      if (this.#claim === claim) this.#claim = undefined;
    });
    this.#claim = claim;
  }

  async #ask(given: { over?: Redis } = {}): Promise<void> {
    this.#claimedAt = Date.now();
    try {
      // A processor that has the lead without having heard it would hold it without using it, and block the others.
      await this.#lead.claim({ leaseMs: LEASE_MS, believed: this.#leader, ...given });
    } catch (error) {
      this.#options.logger.warn({ err: error }, 'Redis did not take the claim to lead');
    }
  }

  #follow(leader: string): void {
    if (leader === this.#leader) return;
    this.#leader = leader;
    this.#options.logger.info(this.leading ? 'this processor leads' : `processor ${leader} leads`);
  }
}
