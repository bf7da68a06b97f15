export type { AcceptedTask } from './accepted-task.ts';
export type { Told } from './announcement.ts';
export { Announcer, type FinalResult } from './announcer.ts';
export { CancelWatch } from './cancel-watch.ts';
export { fingerprintOf } from './fingerprint.ts';
export { type ForgetOptions, type Forgotten, forgetTasks } from './forget-tasks.ts';
export { Lead } from './lead.ts';
export { type ResultEntry, ResultsGroup, type ResultsGroupOptions, removeResultsGroup } from './results-group.ts';
export { HISTORY_GROUP, ResultsStream } from './results-stream.ts';
export { Roster } from './roster.ts';
export { TaskCounter } from './task-counter.ts';
export {
  type Admission,
  type AttemptOfTask,
  type CancelRequest,
  type Candidate,
  type JobAddition,
  type KeptCheckpoint,
  type OpenCancellation,
  type TaskPlace,
  TaskStore,
  type TaskStoreOptions,
} from './task-store.ts';
export { untilDone } from './until-done.ts';
export { WatchedRun } from './watched-run.ts';
