import type { JobRetryStatus, QueueJob } from '@bull-board/api/typings/app';
import type { TaskJob } from '@taskwire/queue';
import { BoardError } from './board-error.ts';
import { type ShownJobOptions, shownJob } from './show/shown-job.ts';
import { viewedTask } from './show/shown-tasks.ts';

/** What the board does to a job differently from BullMQ, and how it knows its secrets. */
export interface JobActions {
  retry(job: TaskJob, state: JobRetryStatus): Promise<void>;
  remove(job: TaskJob): Promise<void>;
  definitionOf: ShownJobOptions['definitionOf'];
}

/**
 * A job as Bull Board gets it. It cannot change the data, which stays as it was checked on arrival.
 *
 * @param storedResult the whole result, when the job keeps only a note of it.
 */
export function boardJob(job: TaskJob, actions: JobActions, storedResult?: unknown): QueueJob {
  const { id, opts, queueName, queueQualifiedName } = job;
  // Bull Board looks for flows by these, though its type does not say so.
  const place = { id, queueName, queueQualifiedName };
  return {
    ...place,
    opts,
    toJSON: () => shownJob(job, { definitionOf: actions.definitionOf, storedResult }),
    getState: () => (viewedTask(job)?.shared ?? job).getState(),
    retry: (state = 'failed') => actions.retry(job, state),
    remove: () => actions.remove(job),
    promote: () => own(job).promote(),
    changeDelay: (delayMs) => own(job).changeDelay(delayMs),
    changePriority: (options) => own(job).changePriority(options),
  };
}

/** @throws BoardError if it shares it */
function own(job: TaskJob): TaskJob {
  if (!viewedTask(job)) return job;
  throw new BoardError({
    status: 409,
    title: 'The task was not changed',
    message: 'It waits in one job with others that came with it: remove it, and add it again as it should be.',
    code: 'shared_job',
  });
}
