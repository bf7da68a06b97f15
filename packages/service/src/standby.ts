import { once } from 'node:events';

/** The argument of a service that waits for the word of its supervisor before each step, for `taskwire start --watch`. */
export const STANDBY = '--standby';

/**
 * The words, in their order: read configuration and tasks; begin to work; take no more tasks, and end when those that run have ended.
 */
export type StandbyStep = 'load' | 'start' | 'retire';

/** What it says: that it waits for the first word, or has done a step; which file it uses, or why it cannot go on. */
export type StandbySays = 'waits' | 'loaded' | 'ready' | { file: string } | { fault: string };

export function isStandby(): boolean {
  return process.argv.includes(STANDBY);
}

/** Resolves when the supervisor says the next word. */
export async function nextStep(): Promise<void> {
  await once(process, 'message');
}

/** Resolves when the supervisor, if there is one, has been told. */
export function tellSupervisor(said: StandbySays): Promise<void> {
  return new Promise((resolve) => (process.send ? process.send(said, () => resolve()) : resolve()));
}
