export { childEnvironment, privateEnvironment } from './child-environment.ts';
export { ConfigError, type ConfigFault } from './config-error.ts';
export type { SqlConnectionConfig, SqlSecret } from './connection-schema.ts';
export { type ConnectionField, connectionSettings, type DriverSettings } from './connection-settings.ts';
export { CONFIG_FILE_VARIABLE, type Environment, serviceLinksInWords } from './environment.ts';
export { type LoadConfigOptions, loadConfig, redisSettings } from './load-config.ts';
export {
  decoyOf,
  hashPassword,
  isPassword,
  type PasswordHash,
  parsePasswordHash,
  tokenHashOf,
} from './password-hash.ts';
export type { Config, RedisConfig, RedisSettings, WebConfig } from './schema.ts';
export { queuesOf, type ServiceEntry, type ServiceName, serviceSettings, services } from './services.ts';
export { configJsonSchema, type Setting, settings } from './settings.ts';
export { configFile, configFiles } from './sources.ts';
