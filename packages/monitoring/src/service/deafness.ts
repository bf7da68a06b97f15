import type { Health } from './vitals.ts';

/** Tells when a service has been deaf for so long that it will not recover. */
export class DeafnessWatch {
  readonly #limitMs: number;
  #since: number | undefined;

  constructor({ limitMs }: { limitMs: number }) {
    this.#limitMs = limitMs;
  }

  /** @param now ms since 1970. */
  isHopeless(health: Health, now: number): boolean {
    if (health !== 'deaf') {
      this.#since = undefined;
      return false;
    }
    this.#since ??= now;
    return now - this.#since >= this.#limitMs;
  }
}
