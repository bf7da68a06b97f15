export { CancelFollowUp } from './cancel/cancel-follow-up.ts';
export { CancelTasks } from './cancel/cancel-tasks.ts';
export { JobRetry, NotTheTasksJobError } from './job-retry.ts';
export { openQueues, type TaskQueue } from './queues.ts';
export { type Cancellation, cancellationOf } from './removal/cancellation.ts';
export { JobRemoval } from './removal/job-removal.ts';
export { RemovalJournal } from './removal/removal-journal.ts';
export { UnfinishedRemovals } from './removal/unfinished-removals.ts';
export {
  type AcceptedTask,
  jobFor,
  type NewTaskJob,
  type TaskJob,
  type TaskJobData,
  type TaskJobReturn,
  taskOf,
} from './task-job.ts';
export { createTaskWorker } from './task-worker.ts';
