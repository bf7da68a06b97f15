import type { AcceptedTask, WatchedRun } from '@taskwire/store';
import type { Attempt } from './attempt.ts';

/** One run of a task: what is known of it before anything is done. */
export interface Run {
  task: AcceptedTask;
  /** In ms since 1970. */
  startedAt: number;
  /** Attempts before this one that failed. */
  failedAttempts: number;
  /** How often a worker had begun to run it before, however that went. */
  timesStarted: number;
  /** How often it lost its worker. */
  timesLost: number;
  /** The result that it has already, from a run that did not live to finish its job; as JSON. */
  stored: string | undefined;
  /** Whether somebody cancelled it before this run. */
  isCancelled: boolean;
  /** Says when it is cancelled meanwhile. */
  watched: Pick<WatchedRun, 'cancelled' | 'onCancel'>;
  /** Shows progress to whoever looks at the queue. Nothing depends on it. */
  showProgress: (progress: { progress: number; message?: string }) => void;
}

/** The attempt that a run makes. */
export function attemptOf({ task, startedAt, failedAttempts }: Run): Attempt {
  return { task, number: failedAttempts + 1, startedAt };
}
