/**
 * What `context.stopping` is aborted with. A handler that has left a checkpoint may throw it: the task goes back to its queue
 * at once, and the next attempt goes on from there.
 */
export class HandOver extends Error {
  override readonly name = 'HandOver';

  /** @param why Default: the worker stops. */
  constructor(why = 'The worker stops') {
    super(why);
  }
}
