import type { History, Row, Summary } from '@taskwire/history';
import { parseMessage, type UserId } from '@taskwire/protocol';
import type { TaskSummary } from './task-document.ts';
import { fileOf, type KnownTask, type TaskReaderOptions, timeOf } from './task-reader.ts';

/** The history, as the reader of tasks wants it. */
export function pastOf(history: History): TaskReaderOptions['past'] {
  return async (taskId) => {
    const row = await history.get(taskId);
    return row && knownTaskOf(row);
  };
}

/** A task of the history in a list. */
export function summaryOfPast(row: Summary): TaskSummary {
  return {
    task_id: row.id || null,
    task_type: row.type,
    user_id: (parseMessage(`{"user_id":${row.user}}`) as { user_id: UserId }).user_id,
    status: row.status,
    error_code: row.code as TaskSummary['error_code'],
    error: row.error,
    accepted_at: timeOf(row.accepted),
    started_at: timeOf(row.started),
    ended_at: timeOf(row.ended),
    next_attempt_at: null,
    attempts: row.attempts,
    duration_ms: row.duration,
    progress: null,
    worker: row.worker,
    ...(row.entry !== '' && { refused: true }),
  };
}

function knownTaskOf(row: Row): KnownTask {
  const { id, message } = row;
  const [metadata, parameters, run, result] = [row.metadata, row.parameters, row.run, message].map((json) =>
    JSON.parse(json ?? 'null'),
  );
  return {
    ...summaryOfPast(row),
    task_id: id,
    // What was too large is not kept, and null.
    metadata: row.metadata === null ? {} : metadata,
    parameters,
    queue: null,
    run: { attempts: run?.attempts ?? [], log: run?.log ?? [], stack: run?.stack ?? null },
    result: message,
    file: result?.status === 'completed' ? fileOf(id, result.result) : null,
  };
}
