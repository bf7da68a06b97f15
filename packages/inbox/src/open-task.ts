import type { InboxForm, Rejection } from '@taskwire/protocol';

/** A task that came as a file, and whose result is to be written as one. */
export interface OpenTask {
  taskId: string;
  taskType: string;
  form: InboxForm;
  /** The channel on which its result comes. */
  replyTo: string;
}

/** A file that did not become a task. */
export interface RefusedFile {
  /** Its name in `requests`. */
  name: string;
  form: InboxForm;
  rejection: Rejection;
}
