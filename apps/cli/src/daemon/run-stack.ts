import type { Config } from '@taskwire/config';
import { connect, probe } from '@taskwire/redis';
import { createRegistry } from '@taskwire/tasks';
import type { LogSink } from '../supervisor/json-lines.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import type { FolderClaim } from './folder-claim.ts';
import { readyLines } from './ready-lines.ts';

export interface RunStackOptions {
  config: Config;
  log: LogSink;
  /** All is stopped when it is lost. */
  claim: FolderClaim;
  /** Resolves when all is to be stopped. */
  stopped: Promise<unknown>;
  /** All is ready, and these lines, which tell where it is, are in the log. */
  onReady?: (lines: string[]) => void;
}

/**
 * Runs Redis, if none answers, and all services until it is to stop.
 *
 * @throws what says why it did not start.
 */
export async function runStack({ config, log, claim, stopped, onReady }: RunStackOptions): Promise<void> {
  const lost = claim.lost.then((reason) =>
    log.say(`stopping, because this is no longer the taskwire of its inbox folder: ${reason}`, 'error'),
  );
  const stop = Promise.race([stopped, lost]).then(() => 'stop' as const);
  // Faulty task files are told once, here, and not by each service.
  const [others] = await Promise.all([servicesThere(config), createRegistry(config.tasks.folders)]);
  await using supervisor = new Supervisor({ config, log });
  const starting = supervisor.start();
  const started = await Promise.race([starting, stop]);
  if (started !== 'stop') {
    if (others !== undefined) log.say(others, 'warn');
    const lines = readyLines(config, started);
    for (const line of lines) log.say(line);
    onReady?.(lines);
    await stop;
  }
  log.say('stopping');
  await supervisor[Symbol.asyncDispose]();
  await starting.catch(() => undefined);
  log.say('stopped');
}

/**
 * What to know of services that work on this Redis already, as those of another folder's `taskwire start`.
 *
 * @throws OtherFormatError when they are of a version that cannot share tasks with this one, and do not stop soon.
 */
async function servicesThere({ redis: config }: Config): Promise<string | undefined> {
  if ((await probe(config)).status !== 'ready') return undefined;
  // Loaded where there is something to read: it takes a while.
  const { OtherFormatError, readServices, refuseOtherFormats } = await import('@taskwire/monitoring');
  const redis = connect({ config, role: 'client', name: 'start' });
  try {
    await refuseOtherFormats({ redis, keyPrefix: config.key_prefix });
    const services = await readServices(redis, config.key_prefix, Date.now());
    const alive = services.filter(({ state }) => state !== 'silent');
    if (alive.length === 0) return undefined;
    const names = alive.map(({ service, host, pid }) => `${service} (pid ${pid} on ${host})`).join(', ');
    return `others work on this Redis too and share the tasks: ${names}`;
  } catch (error) {
    if (error instanceof OtherFormatError) throw error;
    // Whatever is wrong with this Redis, the services find it out.
    return undefined;
  } finally {
    redis.disconnect();
  }
}
