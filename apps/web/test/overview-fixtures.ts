import type {
  InstallationStatus,
  MinuteOfQueue,
  QueueStatus,
  ResultSummary,
  ServiceStatus,
} from '@taskwire/monitoring';

const AT = Date.parse('2026-11-21T20:05:31.000Z');
const MINUTE_MS = 60_000;

/** An installation in which nothing has happened yet; tests say what is different. */
export function statusWith(given: Partial<InstallationStatus> = {}): InstallationStatus {
  return {
    at: new Date(AT).toISOString(),
    findings: [],
    redis: {
      address: 'redis://127.0.0.1:6379/0',
      version: '8.2.1',
      used_memory_bytes: 12_345_678,
      connected_clients: 14,
      refusal: null,
    },
    streams: { unread_requests: 0, groups_that_missed_results: [] },
    crashed: [],
    outcomes: [],
    services: [
      service({ service: 'web', instance: 'd4shb0rd', lag_ms: null }),
      service({ service: 'processor', instance: 'pr0cess0', leader: true }),
      service({ service: 'sql-worker', instance: 'sq1w0rkr', queues: ['sql'], running: 0, concurrency: 4 }),
      service({ service: 'worker', instance: 'w0rker01', queues: ['default'], running: 0, concurrency: 100 }),
    ],
    queues: [queue({ name: 'default' }), queue({ name: 'sql' })],
    latest_results: [],
    latest_failures: [],
    ...given,
  };
}

export function service(given: Partial<ServiceStatus> = {}): ServiceStatus {
  return {
    service: 'processor',
    instance: 'pr0cess0',
    host: 'app-1',
    pid: 4211,
    version: '0.1.0',
    format: 2,
    started_at: ago(3 * 60 * MINUTE_MS),
    seen_at: ago(900),
    state: 'consuming',
    lag_ms: 1.4,
    leader: null,
    other_installations: [],
    running: null,
    concurrency: null,
    queues: [],
    task_types: null,
    ...given,
  };
}

export function queue(given: Partial<QueueStatus> = {}): QueueStatus {
  return {
    name: 'default',
    paused: false,
    waiting: 0,
    active: 0,
    delayed: 0,
    completed: 0,
    failed: 0,
    oldest_waiting_ms: null,
    history: hour(),
    ...given,
  };
}

/** 60 minutes, as `of` says for each; the last one is the current minute. */
export function hour(of: (minute: number) => Partial<MinuteOfQueue> = () => ({})): MinuteOfQueue[] {
  const first = Math.floor(AT / MINUTE_MS) * MINUTE_MS - 59 * MINUTE_MS;
  return Array.from({ length: 60 }, (_, minute) => ({
    at: new Date(first + minute * MINUTE_MS).toISOString(),
    completed: 0,
    failed: 0,
    cancelled: 0,
    p50_ms: null,
    p95_ms: null,
    ...of(minute),
  }));
}

export function result(given: Partial<ResultSummary> = {}): ResultSummary {
  return {
    task_id: '01a1ffbd-9cc8-7110-8d31-1a4a6ab5ec08',
    task_type: 'reverse_string',
    user_id: 7,
    status: 'completed',
    timestamp: ago(4000),
    duration_ms: 3,
    queued_ms: 2,
    attempts: 1,
    ...given,
  };
}

export function failure(given: Partial<ResultSummary> = {}): ResultSummary {
  return result({
    task_id: '01a1ffbd-9cc8-7110-8d31-1a4a6ab5ec09',
    task_type: 'sql_query',
    status: 'error',
    error: 'Catalog Error: Table with name sale does not exist!',
    error_code: 'task_failed',
    ...given,
  });
}

/** The moment so many milliseconds before the status was read. */
export function ago(ms: number): string {
  return new Date(AT - ms).toISOString();
}
