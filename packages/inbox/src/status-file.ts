import type { Outcome } from './result-file-outcome.ts';

/** A run of the inbox, as `status.json` shows it. */
export interface StatusTask {
  task_id: string;
  /** What its file calls it. */
  query_id: string;
  /** Null when its request can no longer be read. */
  task_type: string | null;
  status: 'pending' | 'running' | Outcome['status'];
  /** ISO 8601. */
  accepted_at: string;
  /** ISO 8601; only when it has ended. */
  completed_at?: string;
  /** One sentence; only when it ended without completing. */
  error?: string;
}

/** What `status.json` holds: the state of the processor that serves the inbox. At most 1 s old while it lives. */
export interface StatusFile {
  /** `stopped` after a normal stop; a killed one leaves `running`, and an old `last_check`. */
  status: 'running' | 'stopped';
  /** ISO 8601: since when it serves the inbox. */
  started_at: string;
  /** Its process. */
  pid: number;
  /** Since then; `total` is the sum of the others. What it found open counts as pending. */
  queries: { total: number } & Record<StatusTask['status'], number>;
  /** ISO 8601: when this was written. */
  last_check: string;
  /** The latest ones, newest first. */
  tasks: StatusTask[];
}
