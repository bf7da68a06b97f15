import { type RedisRefusal, refusalInWords } from '@taskwire/redis';

export interface RunningTask {
  task_id: string;
  task_type: string;
  running_ms: number;
  timeout_ms: number;
}

export interface Blocked {
  for_ms: number;
  /** Those that ran all that time, at most 5: one of them did it. */
  tasks: RunningTask[];
}

export interface UnusableConnection {
  connection: string;
  /** Since the first of the failures. */
  for_ms: number;
  failures: number;
  /** Of the last one. */
  message: string;
}

/** What a service knows about its own work. */
export interface Vitals {
  /** When it last proved that it consumes: ms since 1970; null if it has not yet. */
  provenAt: number | null;
  /** How long that trip took; null for a service that consumes nothing. */
  lagMs: number | null;
  /** Of a processor: whether it takes the messages without a task id. */
  leader?: boolean;
  /** Of a processor: other installations that hear its requests. */
  otherInstallations?: readonly string[];
  /** Of a worker: tasks that it runs now, and how many it may run, over all its queues. */
  running?: number;
  concurrency?: number;
  queues?: readonly string[];
  /** The task types that it accepts or runs, by queue. */
  taskTypes?: Readonly<Record<string, readonly string[]>>;
  /** Of its tasks those that have used nine tenths of their time, at most 5. */
  near_limit?: RunningTask[] | undefined;
  /** That its event loop was blocked within the last minute. */
  blocked?: Blocked | undefined;
  /** Of a sql-worker: SQL connections that its queries could not use when they last tried, at most 5. */
  unusable?: UnusableConnection[] | undefined;
  /** What Redis refused just now. */
  refusal?: RedisRefusal | undefined;
}

/**
 * - `starting`: it has not yet proved that it consumes
 * - `consuming`: it has, within the last 20 s
 * - `cut_off`: it has not, and Redis does not answer either: a restart would not help
 * - `deaf`: it has not, although Redis answers
 * - `refused`: Redis answers, but refuses what the service needs: a restart would not help
 */
export type Health = 'starting' | 'consuming' | 'cut_off' | 'deaf' | 'refused';

/** An idle worker asks for a job at least every 10 s; twice that is late. */
export const PROOF_MAX_AGE_MS = 20_000;

/** Heartbeats come every 2 s. */
const REDIS_MAX_AGE_MS = 10_000;

/**
 * How a service fares that last proved itself at `provenAt`.
 *
 * @param redisAt when Redis last took a heartbeat; null when it never did.
 */
export function healthOf(provenAt: number | null, redisAt: number | null, now: number): Health {
  if (provenAt !== null && now - provenAt <= PROOF_MAX_AGE_MS) return 'consuming';
  if (redisAt === null || now - redisAt > REDIS_MAX_AGE_MS) return provenAt === null ? 'starting' : 'cut_off';
  return provenAt === null ? 'starting' : 'deaf';
}

/** What a process says of itself when asked how it is. */
export interface HealthReport {
  service: string;
  instance: string;
  health: Health;
  vitals: Vitals;
}

/**
 * The answer to `/healthz` (is there any use in this process going on?) and `/readyz` (does it take what arrives?).
 *
 * A process that Redis does not answer is alive but not ready: starting it again would not help.
 */
export function answerHealth(path: '/healthz' | '/readyz', { service, instance, health, vitals }: HealthReport) {
  const good = path === '/readyz' ? health === 'consuming' : health !== 'deaf';
  const proven_at = vitals.provenAt === null ? null : new Date(vitals.provenAt).toISOString();
  const why = vitals.refusal && { why: refusalInWords(vitals.refusal) };
  const body = { status: health, service, instance, proven_at, lag_ms: vitals.lagMs, ...why };
  return { status: good ? 200 : 503, body };
}
