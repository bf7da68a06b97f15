export { checkAccess, RedisAccessError } from './access.ts';
export { addressOf, type ConnectionRole, type ConnectOptions, connect } from './connect.ts';
export { isLoopback, NoRedisServerError, startEmbeddedRedis } from './embedded-server.ts';
export { type EnsuredRedis, ensureRedis } from './ensure-redis.ts';
export { freePort } from './free-port.ts';
export { type ProbeOutcome, probe } from './probe.ts';
export { RedisClock, redisTime } from './redis-clock.ts';
export { isRedisFault, RedisUnavailableError, unavailable } from './redis-fault.ts';
export { type RedisRefusal, RefusalWatch, refusalInWords, refusalOf } from './redis-refusal.ts';
