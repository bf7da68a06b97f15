export { childEnvironment, privateEnvironment } from './child-environment.ts';
export { ConfigError, type ConfigFault } from './config-error.ts';
export type { SqlConnectionConfig, SqlSecret } from './connection-schema.ts';
export { type ConnectionField, connectionSettings, type DriverSettings } from './connection-settings.ts';
export { CONFIG_FILE_VARIABLE, type Environment } from './environment.ts';
export { type LoadConfigOptions, loadConfig } from './load-config.ts';
export { redisSettings } from './redis-settings.ts';
export type { Config, DashboardConfig, RedisConfig, RedisSettings } from './schema.ts';
export { configJsonSchema, type Setting, settings } from './settings.ts';
