export { writeInstallationMetrics } from './metrics/installation-metrics.ts';
export { ServiceMetrics } from './metrics/service-metrics.ts';
export { Monitor, type MonitorOptions } from './service/monitor.ts';
export { OtherFormatError, type RefuseOtherFormatsOptions, refuseOtherFormats } from './service/other-formats.ts';
export {
  answerHealth,
  type Blocked,
  type Health,
  type HealthReport,
  type RunningTask,
  type Vitals,
} from './service/vitals.ts';
export type * from './status/installation-status.ts';
export { readServices } from './status/read-services.ts';
export { StatusReader, type WatchedQueue } from './status/status-reader.ts';
export { countedInWords, countInWords, durationInWords } from './status/words.ts';
