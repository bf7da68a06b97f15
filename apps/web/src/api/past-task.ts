import type { History, KeptTask } from '@taskwire/history';
import { summaryOfPast } from './find-tasks.ts';
import { fileOf, type KnownTask, type Past } from './task-reader.ts';

/** The history, as the reader of tasks wants it. */
export function pastOf(history: History): Past {
  return {
    async get(taskId) {
      const task = await history.get(taskId);
      return task && { ...knownTaskOf(task, taskId), task_id: taskId };
    },
  };
}

function knownTaskOf(task: KeptTask, taskId: string): Omit<KnownTask, 'task_id'> {
  const { queued_ms: _queued, bytes: _bytes, message, metadata, parameters, run, ...summary } = task;
  const result = message === null ? undefined : JSON.parse(message);
  return {
    ...summaryOfPast(summary),
    metadata,
    parameters,
    queue: null,
    run: { attempts: run?.attempts ?? [], log: (run?.log ?? []) as KnownTask['run']['log'], stack: run?.stack ?? null },
    result: message,
    file: result?.status === 'completed' ? fileOf(taskId, result.result) : null,
  };
}
