export { attributeConsole } from './attribute-console.ts';
export type { Decision } from './decision.ts';
export { Executor, type ExecutorOptions } from './executor.ts';
export { takeFault } from './faults.ts';
export type { Run } from './run.ts';
export { type RunnableTasksOptions, runnableTasks } from './runnable-tasks.ts';
export type { Lane } from './task-process/lane.ts';
export { serveTasks } from './task-process/serve-tasks.ts';
export { TaskProcesses, type TaskProcessesOptions } from './task-process/task-processes.ts';
