/** What an installation says of itself at one moment: printed by `taskwire status --json`, drawn by the overview. */
export interface InstallationStatus {
  /** When it was read: ISO 8601, UTC, milliseconds; as all times here. */
  at: string;
  /** What is not well, the worst first; empty when all is well. */
  findings: Finding[];
  redis: RedisStatus;
  /** Alive ones first, then those that fell silent less than 5 minutes ago and were not replaced since. */
  services: ServiceStatus[];
  /** In the order of their names. */
  queues: QueueStatus[];
  /** Newest first, at most 20. */
  latest_results: ResultSummary[];
  /** The latest error results, those of refused messages too, of cancelled tasks not; newest first, at most 20. */
  latest_failures: ResultSummary[];
}

/** Something that a person should know: what is the matter in a few words, and what it means or what to do. */
export interface Finding {
  level: 'bad' | 'warn';
  title: string;
  detail: string;
}

export interface RedisStatus {
  address: string;
  version: string;
  used_memory_bytes: number;
  connected_clients: number;
}

/**
 * - `starting`: it has not proved yet that it takes what arrives
 * - `consuming`: it has proved within the last 20 s that it takes what arrives
 * - `deaf`: it lives, but cannot prove that
 * - `silent`: nothing was heard of it for 10 s; it stopped without saying so, or is cut off
 */
export type ServiceState = 'starting' | 'consuming' | 'deaf' | 'silent';

export interface ServiceStatus {
  service: string;
  /** Names one process: 8 characters. */
  instance: string;
  host: string;
  pid: number;
  version: string;
  started_at: string;
  seen_at: string;
  state: ServiceState;
  /** How long the way from Redis into the process took when last tried; null for a service that takes nothing. */
  lag_ms: number | null;
  /** Of a processor: whether it takes the messages without a task id. Else null. */
  leader: boolean | null;
  /** Of a worker: tasks that it runs now, and how many it may run, per queue. Else null. */
  running: number | null;
  concurrency: number | null;
  queues: string[];
}

export interface QueueStatus {
  name: string;
  paused: boolean;
  waiting: number;
  active: number;
  /** To be run later: delayed by the request, or waiting for another attempt. */
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
  /** Ended in an error, other than that somebody cancelled them. */
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
