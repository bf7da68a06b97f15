import { type Config, serviceLinksInWords } from '@taskwire/config';
import { connect, probe } from '@taskwire/redis';
import { createRegistry } from '@taskwire/tasks';
import type { LogSink } from '../supervisor/json-lines.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import type { FolderClaim } from './folder-claim.ts';
import { readyLines } from './ready-lines.ts';

export interface RunStackOptions {
  config: Config;
  log: LogSink;
  /** Losing it stops everything. */
  claim: FolderClaim;
  /** Resolves to stop everything. */
  stopped: Promise<unknown>;
  watch?: boolean;
  /** Called when all is ready and these lines, which say where, are in the log. */
  onReady?: (lines: string[]) => void;
}

/** Runs Redis, if none answers, and all services until told to stop. @throws the reason why it did not start. */
export async function runStack({
  config,
  log,
  claim,
  stopped,
  watch = false,
  onReady,
}: RunStackOptions): Promise<void> {
  const lost = claim.lost.then((reason) =>
    log.say(`stopping, because this is no longer the taskwire of its inbox folder: ${reason}`, 'error'),
  );
  const stop = Promise.race([stopped, lost]).then(() => 'stop' as const);
  const links = serviceLinksInWords();
  if (links !== undefined) log.say(links);
  // Reports faulty task files once, not by each service.
  const [others] = await Promise.all([servicesThere(config), createRegistry(config.tasks.folders)]);
  await using supervisor = new Supervisor({ config, log, watch });
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
  if (supervisor.goingOn !== undefined) claim.leave(supervisor.goingOn);
  await starting.catch(() => undefined);
  log.say('stopped');
}

/**
 * A note about services that already use this Redis, as those of another folder's `taskwire start`.
 *
 * @throws OtherFormatError if their version cannot share tasks with this one and they do not stop soon.
 */
async function servicesThere({ redis: config }: Config): Promise<string | undefined> {
  if ((await probe(config)).status !== 'ready') return undefined;
  // Loaded only if needed: it takes a while.
  const { OtherFormatError, readServices, refuseOtherFormats } = await import('@taskwire/monitoring/services');
  const redis = connect({ config, role: 'client', name: 'start' });
  try {
    await refuseOtherFormats({ redis, keyPrefix: config.key_prefix });
    const { services } = await readServices(redis, config.key_prefix);
    const alive = services.filter(({ state }) => state !== 'silent');
    if (alive.length === 0) return undefined;
    const names = alive.map(({ service, host, pid }) => `${service} (pid ${pid} on ${host})`).join(', ');
    return `others work on this Redis too and share the tasks: ${names}`;
  } catch (error) {
    if (error instanceof OtherFormatError) throw error;
    // The services report what is wrong with this Redis.
    return undefined;
  } finally {
    redis.disconnect();
  }
}
