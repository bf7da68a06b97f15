import type { TaskRun } from '@taskwire/protocol';
import { isRefusal, isTaskResult, parseMessage } from '@taskwire/protocol/reading';
import type { ResultEntry } from '@taskwire/store';

/** A task as the file has it: times in ms since 1970, objects as JSON. */
export interface Row {
  /** Empty for a message that named no task. */
  id: string;
  /** Of the stream, for a message that was refused: it must not take the place of a task with its id. */
  entry: string;
  type: string | null;
  user: string;
  status: 'completed' | 'error';
  code: string | null;
  accepted: number | null;
  started: number | null;
  ended: number;
  attempts: number;
  duration: number | null;
  queued: number | null;
  worker: string | null;
  /** Of the result message. */
  bytes: number;
  error: string | null;
  /** The JSON `null` when it was too large. */
  metadata: string | null;
  parameters: string | null;
  run: string | null;
  /** The result as published. */
  message: string | null;
}

/** What a list shows of a task: all but the long columns. */
export const SUMMARY = [
  ...(['id', 'entry', 'type', 'user', 'status', 'code', 'error'] as const),
  ...(['accepted', 'started', 'ended', 'attempts', 'duration', 'worker'] as const),
] satisfies (keyof Row)[];

export type Summary = Pick<Row, (typeof SUMMARY)[number]>;

/** Longer parameters, metadata and results are left out. */
const MAX_KEPT_BYTES = 8192;
const MAX_ERROR_LENGTH = 2000;

/** @returns undefined when the entry is gone, or is no result of ours. */
export function rowOf({ id: entry, message, request, run }: ResultEntry, keepsParameters: boolean): Row | undefined {
  const result = parsed(message);
  if (message === undefined || !isTaskResult(result)) return undefined;
  const ended = Date.parse(result.timestamp);
  if (Number.isNaN(ended)) return undefined;
  const { status, attempts = 0, duration_ms: duration = 0, queued_ms: queued = 0 } = result;
  const failure = result.status === 'error' ? result : undefined;
  const refused = isRefusal(result) || result.task_id === null;
  const last = (parsed(run) as TaskRun | undefined)?.attempts?.at(-1);
  const { parameters } = (parsed(request) ?? {}) as { parameters?: unknown };
  const bytes = Buffer.byteLength(message);
  return {
    id: result.task_id ?? '',
    entry: refused ? entry : '',
    type: result.task_type ?? null,
    user: JSON.stringify(result.user_id ?? null),
    status,
    code: failure?.error_code ?? null,
    accepted: refused ? null : Math.round(ended - duration - queued),
    started: attempts === 0 ? null : last ? Date.parse(last.started_at) : Math.round(ended - duration),
    ended,
    attempts,
    duration: attempts === 0 ? null : duration,
    queued: refused ? null : queued,
    worker: last?.worker ?? null,
    bytes,
    error: failure?.error.slice(0, MAX_ERROR_LENGTH) ?? null,
    metadata:
      Object.keys(result.metadata ?? {}).length > 0 ? (fitting(JSON.stringify(result.metadata)) ?? 'null') : null,
    parameters: keepsParameters ? fitting(JSON.stringify(parameters)) : null,
    run: run || null,
    message: bytes <= MAX_KEPT_BYTES ? message : null,
  };
}

function fitting(json: string | undefined): string | null {
  return json !== undefined && Buffer.byteLength(json) <= MAX_KEPT_BYTES ? json : null;
}

function parsed(json: string | undefined): unknown {
  try {
    return json ? parseMessage(json) : undefined;
  } catch {
    return undefined;
  }
}
