const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 30_000;

/** A process that lived this long is well again: its next crash counts as the first. */
const HEALTHY_AFTER_MS = 60_000;

/** How long to wait before a crashed process is started again: doubled with each crash in a row. */
export class RestartDelay {
  #crashes = 0;

  /** @param livedMs how long the process lived this time. */
  next(livedMs: number): number {
    if (livedMs >= HEALTHY_AFTER_MS) this.#crashes = 0;
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** this.#crashes, MAX_DELAY_MS);
    this.#crashes += 1;
    return delayMs;
  }
}
