export { type DatabricksEndpoint, type EndpointOptions, startDatabricksEndpoint } from './endpoint.ts';
export type { Fault, PlannedFault } from './faults.ts';
export type { LoggedRequest } from './request-log.ts';
export { DEFAULT_SETTINGS, type EndpointSettings } from './settings.ts';
export { trustInProcess } from './trust.ts';
