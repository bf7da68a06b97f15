/**
 * Thrown by a handler that was aborted, if it could not make sure that what it had begun elsewhere has ended. Its message
 * continues the sentence `Cancelled while it ran; …`.
 */
export class MayStillRunError extends Error {
  override readonly name: string = 'MayStillRunError';
}
