import { addressOf, type ConnectionRole, connect, explained, reasonOf, refusalOf } from '@taskwire/redis';
import type { Redis } from 'ioredis';
import type { ServiceContext } from './service.ts';

/** Opens a Redis connection for a service; its losses and returns are logged once each. */
export function openConnection({ config, logger, metrics, name }: ServiceContext, role: ConnectionRole): Redis {
  const address = addressOf(config.redis);
  let lost = false;
  const redis = connect({
    config: config.redis,
    role,
    name,
    onError: async (error) => {
      const isKnown = lost && !refusalOf(error);
      lost = true;
      if (isKnown) return;
      const cause = await explained(config.redis, error);
      const about = refusalOf(cause) ? { role, err: cause } : { role, reason: reasonOf(cause) };
      logger.warn(about, `Redis at ${address} is out of reach; trying until it is back`);
    },
  });
  redis.on('ready', () => {
    if (lost) {
      logger.info({ role }, `Redis at ${address} is back`);
      metrics.reconnects.inc({ service: name });
    }
    lost = false;
  });
  return redis;
}
