export { checkParameters } from './check-parameters.ts';
export { executeJob, RetryLater } from './execute-job.ts';
export { cancelledInQueue } from './failure-of.ts';
export { errorResult } from './final-result.ts';
export { type RunnableTasksOptions, runnableTasks } from './runnable-tasks.ts';
