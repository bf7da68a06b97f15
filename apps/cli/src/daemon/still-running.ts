import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '@taskwire/config';
import { connect } from '@taskwire/redis';

const UNKNOWN = 'what still runs; Redis, which knows, no longer answers';

/** A stop must not wait for a frozen Redis. */
const ANSWER_TIMEOUT_MS = 500;

/**
 * Which services of this machine still run while they are being stopped: `worker (1 task runs), sql-worker`. Never fails: a
 * Redis that is stopping too may not answer.
 */
export async function stillRunning({ redis: config }: Pick<Config, 'redis'>): Promise<string> {
  const redis = connect({ config, role: 'client', name: 'stop' });
  try {
    // Not in the memory of the supervisor before.
    const { readServices } = await import('@taskwire/monitoring/services');
    const { countedInWords } = await import('@taskwire/monitoring/status');
    const tasksRun = (count: number) => `${countedInWords(count, 'task')} ${count === 1 ? 'runs' : 'run'}`;
    const reading = readServices(redis, config.key_prefix);
    const read = await Promise.race([reading, delay(ANSWER_TIMEOUT_MS, undefined, { ref: false })]);
    if (!read) return UNKNOWN;
    const here = read.services.filter(({ host, state }) => host === hostname() && state !== 'silent');
    if (here.length === 0) return 'the supervisor and its Redis';
    return here.map(({ service, running }) => `${service}${running ? ` (${tasksRun(running)})` : ''}`).join(', ');
  } catch {
    return UNKNOWN;
  } finally {
    redis.disconnect();
  }
}
