import { configOf } from './load-config.ts';
import type { RedisConfig, RedisSettings } from './schema.ts';

/**
 * The Redis settings of a program that has no `config.json`: named, checked and completed as the section `redis` there.
 * Reads neither files nor the environment.
 *
 * @throws ConfigError with all faults at once.
 */
export function redisSettings(given: RedisSettings = {}): RedisConfig {
  const content = { redis: given };
  return configOf({ name: 'redisSettings', content, environments: [], directory: process.cwd() }).redis;
}
