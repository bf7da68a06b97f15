/** What a service knows about its own work. */
export interface Vitals {
  /** When it last proved that it consumes: ms since 1970; null if it has not yet. */
  provenAt: number | null;
  /** How long that trip took; null for a service that consumes nothing. */
  lagMs: number | null;
  /** Of a processor: whether it takes the messages without a task id. */
  leader?: boolean;
  /** Of a worker: tasks that it runs now, and how many it may run, over all its queues. */
  running?: number;
  concurrency?: number;
  queues?: readonly string[];
}

/**
 * - `starting`: it has not yet proved that it consumes
 * - `consuming`: it has, within the last 20 s
 * - `cut_off`: it has not, and Redis does not answer either: a restart would not help
 * - `deaf`: it has not, although Redis answers
 */
export type Health = 'starting' | 'consuming' | 'cut_off' | 'deaf';

/** An idle worker asks for a job at least every 10 s; twice that is late. */
export const PROOF_MAX_AGE_MS = 20_000;

/** Heartbeats come every 2 s. */
const REDIS_MAX_AGE_MS = 10_000;

export interface Judged {
  vitals: Vitals;
  /** When Redis last took a heartbeat; null when it never did. */
  redisAt: number | null;
  now: number;
}

/** What a service's vitals mean. */
export function healthOf({ vitals: { provenAt }, redisAt, now }: Judged): Health {
  if (provenAt !== null && now - provenAt <= PROOF_MAX_AGE_MS) return 'consuming';
  if (redisAt === null || now - redisAt > REDIS_MAX_AGE_MS) return provenAt === null ? 'starting' : 'cut_off';
  return provenAt === null ? 'starting' : 'deaf';
}
