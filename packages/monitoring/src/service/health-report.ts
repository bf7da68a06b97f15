import type { Health, Vitals } from './vitals.ts';

/** What a process says of itself when asked how it is. */
export interface HealthReport {
  service: string;
  instance: string;
  health: Health;
  vitals: Vitals;
}

/**
 * The answer to `/healthz` (should this process go on?) and `/readyz` (does it consume?).
 *
 * While Redis does not answer, a process is alive but not ready: a restart would not help.
 */
export function answerHealth(path: '/healthz' | '/readyz', { service, instance, health, vitals }: HealthReport) {
  const good = path === '/readyz' ? health === 'consuming' : health !== 'deaf';
  const proven_at = vitals.provenAt === null ? null : new Date(vitals.provenAt).toISOString();
  return { status: good ? 200 : 503, body: { status: health, service, instance, proven_at, lag_ms: vitals.lagMs } };
}
