import type { Config } from '@taskwire/config';
import { connect, probe } from '@taskwire/redis';

/** What to know of services that work on this Redis already, as those of another folder's `taskwire start`. */
export async function servicesThere({ redis: config }: Config): Promise<string | undefined> {
  if ((await probe(config)).status !== 'ready') return undefined;
  // Loaded where there is something to read: it takes a while.
  const { readServices } = await import('@taskwire/monitoring');
  const redis = connect({ config, role: 'client', name: 'start' });
  try {
    const services = await readServices(redis, config.key_prefix, Date.now());
    const alive = services.filter(({ state }) => state !== 'silent');
    if (alive.length === 0) return undefined;
    const names = alive.map(({ service, host, pid }) => `${service} (pid ${pid} on ${host})`).join(', ');
    return `others work on this Redis too and share the tasks: ${names}`;
  } catch {
    // Whatever is wrong with this Redis, the services find it out.
    return undefined;
  } finally {
    redis.disconnect();
  }
}
