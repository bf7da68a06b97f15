import type { JobState, QueueJob } from '@bull-board/api/typings/app';
import type { TaskRequest, TaskResult } from '@taskwire/protocol';
import { jobFor } from '@taskwire/queue';
import type { TaskDefinition } from '@taskwire/tasks';
import { maskOf, showText } from '@taskwire/tasks/masking';
import { BoardError } from '../board-error.ts';
import { shownRequest } from '../show/shown-job.ts';

interface PassedJobOptions {
  definition: TaskDefinition | undefined;
  jobId: string | undefined;
  result: TaskResult | undefined;
}

/** The job of an accepted task that was gone before it could be read. */
export function passedJob(request: TaskRequest, { definition, jobId, result }: PassedJobOptions): QueueJob {
  const { task_id, task_type, priority, delay_ms } = request;
  const returned = result?.status === 'completed' ? result.result : null;
  const isError = result?.status === 'error';
  return {
    opts: {},
    toJSON: () => ({
      id: jobId ?? task_id,
      name: task_type,
      data: shownRequest(task_type, jobFor(request, '').data, definition),
      opts: { ...(priority !== undefined && { priority }), ...(delay_ms !== undefined && { delay: delay_ms }) },
      progress: 0,
      attemptsMade: result?.attempts ?? 0,
      timestamp: Date.now(),
      ...(result && { finishedOn: Date.parse(result.timestamp) }),
      failedReason: isError ? showText(`${result.error_code}: ${result.error}`) : '',
      stacktrace: [],
      returnvalue: maskOf(definition, request.parameters)?.in(returned) ?? returned,
    }),
    getState: async (): Promise<JobState> => (result === undefined ? 'unknown' : isError ? 'failed' : 'completed'),
    promote: gone,
    remove: gone,
    retry: gone,
  };
}

async function gone(): Promise<never> {
  throw new BoardError({ status: 404, title: 'The job is gone', message: 'The job has been removed.', code: 'gone' });
}
