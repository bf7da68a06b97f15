import type { RedisRefusal } from '@taskwire/redis';
import type { Vitals } from '../service/vitals.ts';

/** The state of an installation at one moment: printed by `taskwire status --json`, drawn by the overview. */
export interface InstallationStatus {
  /** When it was read: ISO 8601, UTC, milliseconds; as all times here. */
  at: string;
  /** The problems, the worst first; empty if all is well. */
  findings: Finding[];
  redis: RedisStatus;
  streams: StreamsStatus;
  /** Alive ones first, then those that fell silent less than 5 minutes ago and were not replaced since. */
  services: ServiceStatus[];
  /** Those that fell silent less than 5 minutes ago and were replaced: one that stops in good order leaves nothing. */
  crashed: ServiceStatus[];
  /** What came of the tasks of each type in the last 10 minutes; types without any are left out. */
  outcomes: TypeOutcomes[];
  /** In the order of their names. */
  queues: QueueStatus[];
  /** Newest first, at most 20. */
  latest_results: ResultSummary[];
  /** The latest error results, those of refused messages too, of cancelled tasks not; newest first, at most 20. */
  latest_failures: ResultSummary[];
}

/**
 * What a person should know: what it is in a few words, and what it means or what to do. `note`: nothing is wrong now, but
 * Redis is not set up for the worst.
 */
export interface Finding {
  level: 'bad' | 'warn' | 'note';
  /** Redis itself; else services and tasks. */
  about?: 'redis';
  title: string;
  detail: string;
}

export interface RedisStatus {
  address: string;
  /** Null, and `unknown`, where Redis does not let us ask. */
  version: string;
  used_memory_bytes: number | null;
  connected_clients: number | null;
  /** That it refuses to be written to. */
  refusal: RedisRefusal | null;
}

export interface StreamsStatus {
  /** Requests and cancels that no processor has taken. */
  unread_requests: number;
  /** Consumer groups of the results stream that were too slow in the last hour. */
  groups_that_missed_results: string[];
}

export interface TypeOutcomes {
  task_type: string;
  completed: number;
  /** Ended in an error other than `cancelled`. */
  failed: number;
}

/**
 * - `starting`: it has not yet proved that it consumes
 * - `consuming`: it has proved that within the last 20 s
 * - `deaf`: it is alive, but cannot prove that
 * - `silent`: no heartbeat for 10 s; it died, or is cut off
 */
export type ServiceState = 'starting' | 'consuming' | 'deaf' | 'silent';

export interface ServiceStatus extends Pick<Vitals, 'refusal' | 'near_limit' | 'blocked' | 'unusable'> {
  service: string;
  /** Names one process: 8 characters. */
  instance: string;
  host: string;
  pid: number;
  version: string;
  /** Of jobs and records: services of different ones cannot share tasks. */
  format: number;
  started_at: string;
  seen_at: string;
  state: ServiceState;
  /** How long the last trip from Redis into the process took; null for a service that consumes nothing. */
  lag_ms: number | null;
  /** Of a processor: whether it takes the messages without a task id. Else null. */
  leader: boolean | null;
  /** Of a processor: other installations on this Redis server that hear the same requests. */
  other_installations: string[];
  /** Of a worker: tasks that it runs now, and how many it may run, over all its queues. Else null. */
  running: number | null;
  concurrency: number | null;
  queues: string[];
  /** The task types that a processor accepts, or a worker runs, by queue; null if it does not say. */
  task_types: Readonly<Record<string, readonly string[]>> | null;
  /** Of the process; versions before this one do not tell. */
  memory_bytes?: number | undefined;
  cpu_seconds?: number | undefined;
  /** Of a silent worker: jobs that it has, as `report t-4711.mik3`, at most 5. One of them may block it. */
  holds?: string[];
}

export interface QueueStatus {
  name: string;
  paused: boolean;
  waiting: number;
  active: number;
  /** Delayed by the request, or waiting for another attempt. */
  delayed: number;
  /** Finished jobs that are still kept. */
  completed: number;
  failed: number;
  /** How long the oldest waiting task has been waiting; null when none is. */
  oldest_waiting_ms: number | null;
  /** The last 60 minutes, oldest first; the last one is the minute under way. Always 60 entries. */
  history: MinuteOfQueue[];
}

export interface MinuteOfQueue {
  /** Start of the minute. */
  at: string;
  completed: number;
  /** Ended in an error other than `cancelled`. */
  failed: number;
  cancelled: number;
  /** From acceptance to result, of the tasks that ended in this minute; null when none did. Estimates. */
  p50_ms: number | null;
  p95_ms: number | null;
}

export interface ResultSummary {
  task_id: string | null;
  task_type: string | null;
  user_id: string | number | null;
  status: 'completed' | 'error';
  timestamp: string;
  duration_ms: number;
  queued_ms: number;
  attempts: number;
  /** Of an error result. */
  error?: string;
  error_code?: string;
}
