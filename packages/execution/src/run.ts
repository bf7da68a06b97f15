import type { AcceptedTask, KeptCheckpoint, WatchedRun } from '@taskwire/store';
import type { Attempt } from './attempt.ts';

/** One run of a task, with what is known before it starts. */
export interface Run {
  task: AcceptedTask;
  /** In ms since 1970. */
  startedAt: number;
  /** Attempts before this one that failed. */
  failedAttempts: number;
  /** How often a worker had started it before, whatever the outcome. */
  timesStarted: number;
  /** How often its worker lost it: it died, or only its lock on the job. Such a task is suspect, and runs in a task process. */
  timesLost: number;
  /** Of a suspect: notes that it starts in this worker. Resolves with how many workers have died since it is one. */
  deaths: () => Promise<number>;
  /** Of a task of unknown type: whether to leave it to another worker. */
  mayBeKnownElsewhere: () => Promise<boolean>;
  /** The result that it already has, as JSON: an earlier run stored it and died before it finished its job. */
  stored: string | undefined;
  /** Whether somebody cancelled it before this run. */
  isCancelled: boolean;
  /** What an earlier attempt has left, as JSON. */
  checkpoint: string | undefined;
  /** Keeps what this attempt leaves. */
  keepCheckpoint: (json: string) => Promise<KeptCheckpoint['status']>;
  /** Tells when the task is cancelled. */
  watched: Pick<WatchedRun, 'cancelled' | 'onCancel'>;
  /** Shows progress in the queue. Nothing depends on it. */
  showProgress: (progress: { progress: number; message?: string }) => void;
}

/** The attempt that a run makes. */
export function attemptOf({ task, startedAt, failedAttempts, timesLost }: Run): Attempt {
  return { task, number: failedAttempts + 1, lost: timesLost, startedAt };
}
