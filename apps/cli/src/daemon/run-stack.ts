import type { Config } from '@taskwire/config';
import { createRegistry } from '@taskwire/tasks';
import type { LogSink } from '../supervisor/json-lines.ts';
import { type Started, Supervisor } from '../supervisor/supervisor.ts';
import type { FolderClaim } from './folder-claim.ts';
import { servicesThere } from './services-there.ts';

export interface RunStackOptions {
  config: Config;
  log: LogSink;
  /** All is stopped when it is lost. */
  claim: FolderClaim;
  /** Resolves when all is to be stopped. */
  stopped: Promise<unknown>;
  /** All is ready. */
  onReady: (started: Started) => void;
}

/**
 * Runs Redis, if none answers, and all services until it is to stop.
 *
 * @throws what says why it did not start.
 */
export async function runStack({ config, log, claim, stopped, onReady }: RunStackOptions): Promise<void> {
  const lost = new Promise<void>((resolve) => {
    claim.onLost((reason) => {
      log.say(`stopping, because this is no longer the taskwire of its inbox folder: ${reason}`, 'error');
      resolve();
    });
  });
  const stop = Promise.race([stopped, lost]).then(() => 'stop' as const);
  // Faulty task files are told once, here, and not by each service.
  const [others] = await Promise.all([servicesThere(config), createRegistry(config.tasks.folders)]);
  await using supervisor = new Supervisor({ config, log });
  const starting = supervisor.start();
  const started = await Promise.race([starting, stop]);
  if (started !== 'stop') {
    if (others !== undefined) log.say(others, 'warn');
    onReady(started);
    await stop;
  }
  log.say('stopping');
  await supervisor[Symbol.asyncDispose]();
  await starting.catch(() => undefined);
  log.say('stopped');
}
