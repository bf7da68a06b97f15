import type { TaskLogLine } from '@taskwire/protocol';
import { showText } from '@taskwire/tasks/masking';
import { type Failure, ownStack } from '@taskwire/tasks/running';
import type { Attempt } from './attempt.ts';

const MAX_STACK_LENGTH = 4096;

/** What is known of an attempt besides its outcome. */
export interface AttemptNotes {
  attempt: number;
  /** ms since 1970, as all times here. */
  startedAt: number;
  endedAt: number;
  error?: string;
  /** Where the handler threw: its own frames. */
  stack?: string;
  /** The last lines that the handler logged, if it logged any. */
  log?: readonly TaskLogLine[];
}

export function notesOf(
  { number: attempt, startedAt }: Attempt,
  failure?: Failure,
  log?: AttemptNotes['log'],
): AttemptNotes {
  const { error, cause } = failure ?? {};
  const frames = cause instanceof Error ? ownStack(cause) : undefined;
  return {
    attempt,
    startedAt,
    endedAt: Date.now(),
    ...(error !== undefined && { error }),
    ...(frames !== undefined && { stack: showText(frames, MAX_STACK_LENGTH) }),
    ...(log && { log }),
  };
}
