export { checkParameters } from './check-parameters.ts';
export type { Decision } from './decision.ts';
export { Executor, type ExecutorOptions } from './executor.ts';
export { cancelledInQueue } from './failure-of.ts';
export { errorResult } from './final-result.ts';
export type { Run } from './run.ts';
export { type RunnableTasksOptions, runnableTasks } from './runnable-tasks.ts';
