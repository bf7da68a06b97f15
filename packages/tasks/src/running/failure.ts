import type { ErrorCode, ErrorDetail, JsonObject } from '@taskwire/protocol';

/** Why an attempt failed, in the words of the wire. */
export interface Failure {
  code: ErrorCode;
  error: string;
  details?: ErrorDetail[];
  /** What was thrown, for the log. */
  cause?: unknown;
  /** Set when the handler ignored its signal and may still run. */
  handlerLeftAlone?: boolean;
  /** Whether another attempt may help. */
  retryable: boolean;
}

/** How a handler ended. `returned`: it hands its task over to the next attempt. */
export type HandlerOutcome =
  | { status: 'completed'; result: JsonObject }
  | { status: 'failed'; failure: Failure }
  | { status: 'returned' };

export function failed(failure: Failure): { status: 'failed'; failure: Failure } {
  return { status: 'failed', failure };
}
