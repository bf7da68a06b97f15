export { openConnection } from './connections.ts';
export { createLogger, createPrettifier, type Logger } from './logger.ts';
export { runService, type Service, type ServiceContext } from './service.ts';
export type { AcceptSpan, Telemetry } from './telemetry.ts';
