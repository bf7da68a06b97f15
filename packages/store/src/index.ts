export { type Admission, type Admit, createAdmit } from './admit/admit.ts';
export { Announcer, type FinalResult } from './announce/announcer.ts';
export { CancelWatch } from './cancel/cancel-watch.ts';
export { Cancellations } from './cancel/cancellations.ts';
export { WatchedRun } from './cancel/watched-run.ts';
export { KnownTasks } from './known-tasks.ts';
export { Lead } from './lead/lead.ts';
export { type EndedJob, Reopening } from './reopen/reopening.ts';
