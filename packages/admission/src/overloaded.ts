import { decodeCancel, NOBODY, type Rejection } from '@taskwire/protocol';
import { type Submission, validatedFrom } from './submission.ts';
import type { ValidateOptions } from './validate.ts';

/** The answer to a message for which there is no room; it names the sender if the message can be read. */
export function overloaded(submission: Submission, limits: ValidateOptions): Rejection {
  const advice = 'send this again later (processor.max_buffered_bytes)';
  if (submission.kind === 'cancel') {
    const decoded = decodeCancel(submission.bytes, limits);
    if (decoded.status === 'rejected') return decoded.rejection;
    const error = `The processor has too much waiting to cancel the task ${decoded.taskId}; ${advice}`;
    // It names no task: otherwise it would be taken for the task's own result.
    return { code: 'overloaded', error, task: NOBODY };
  }
  const validated = validatedFrom(submission, limits);
  if (validated.status === 'rejected') return validated.rejection;
  return { code: 'overloaded', error: `The processor has too much waiting; ${advice}`, task: validated.task.request };
}
