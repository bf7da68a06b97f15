export { writeInstallationMetrics } from './metrics/installation-metrics.ts';
export { ServiceMetrics } from './metrics/service-metrics.ts';
export { Monitor, type MonitorOptions } from './service/monitor.ts';
export {
  answerHealth,
  type Blocked,
  type Health,
  type HealthReport,
  type RunningTask,
  type Vitals,
} from './service/vitals.ts';
export type * from './status/installation-status.ts';
