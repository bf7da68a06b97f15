import { type JsonObject, parseMessage, type TaskRun, timestampOf, type UserId } from '@taskwire/protocol';
import type { Row } from './row.ts';

/** What the history has of a task in a list. */
export interface KeptSummary {
  task_id: string | null;
  task_type: string | null;
  user_id: UserId;
  status: 'completed' | 'error';
  error_code: string | null;
  error: string | null;
  accepted_at: string | null;
  started_at: string | null;
  ended_at: string;
  attempts: number;
  duration_ms: number | null;
  worker: string | null;
}

/** All that the history has of a task. */
export interface KeptTask extends KeptSummary {
  queued_ms: number | null;
  metadata: JsonObject;
  /** Null if they are not kept. Secret ones are masked. */
  parameters: JsonObject | null;
  run: TaskRun | null;
  /** The result message as published; null when it was larger than is kept. */
  message: string | null;
  /** Of that message. */
  bytes: number;
}

export function summaryOf(row: Row): KeptSummary {
  const time = (ms: number | null) => (ms === null ? null : timestampOf(ms));
  return {
    task_id: row.id || null,
    task_type: row.type,
    user_id: (parseMessage(`{"user_id":${row.user}}`) as { user_id: UserId }).user_id,
    status: row.status,
    error_code: row.code,
    error: row.error,
    accepted_at: time(row.accepted),
    started_at: time(row.started),
    ended_at: timestampOf(row.ended),
    attempts: row.attempts,
    duration_ms: row.duration,
    worker: row.worker,
  };
}

export function keptTaskOf(row: Row): KeptTask {
  const { queued: queued_ms, message, bytes } = row;
  const parsed = (json: string | null) => JSON.parse(json ?? 'null');
  const { metadata, parameters, run } = row;
  return {
    ...summaryOf(row),
    queued_ms,
    metadata: parsed(metadata) ?? {},
    parameters: parsed(parameters),
    run: parsed(run),
    message,
    bytes,
  };
}
