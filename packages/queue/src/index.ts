export type { Job as BullMQJob, JobType } from 'bullmq';
export { Cancelling } from './cancel/cancelling.ts';
export { JobRemoval } from './cancel/job-removal.ts';
export { findJob, findTask, seemsToBeIn } from './find-job.ts';
export {
  type FindWaitingOptions,
  findWaiting,
  type Waiting,
  type WaitingPlace,
  type WaitingState,
  type WaitingTask,
} from './find-waiting.ts';
export { forgetJobs } from './forget-jobs.ts';
export { JobRetry, NotRetriedError } from './job-retry.ts';
export { openQueues, type TaskQueue } from './queues.ts';
export { addedElsewhere, NewJobs, planJobs, type ToEnqueue } from './shared-jobs.ts';
export {
  carriedTasks,
  isShared,
  jobFor,
  type NewTaskJob,
  newJobId,
  newSharedJobId,
  ownJobId,
  runsOf,
  type TaskJob,
  type TaskJobData,
  type TaskView,
  tasksOf,
  viewOf,
} from './task-job.ts';
export { type TasksGoingOnOptions, tasksGoingOn } from './tasks-going-on.ts';
