export { openConnection } from './connections.ts';
export { type HostedService, type HostOptions, hostService } from './hosted-service.ts';
export { createLogger, type Logger, type LoggerOptions } from './logger.ts';
export { runService } from './run-service.ts';
export type { CreateService, Service, ServiceContext } from './service.ts';
export type { AcceptSpan, Telemetry } from './telemetry.ts';
