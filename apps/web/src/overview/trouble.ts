import type { RedisConfig } from '@taskwire/config';
import { addressOf, isRedisFault, reasonOf, refusalOf } from '@taskwire/redis';

/** Redis, or what reads from it, has not answered in time. */
export class NoAnswerError extends Error {
  readonly code = 'no_answer';

  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs / 1000} s`);
    this.name = 'NoAnswerError';
  }
}

/**
 * One sentence for a person on why there is no status; never with user or password of Redis.
 *
 * @param refusal what Redis refuses to this process. Default: what the error says.
 */
export function sentenceFor(error: unknown, config: RedisConfig, refusal = refusalOf(error)): string {
  if (refusal) return `Redis at ${addressOf(config)} ${refusal.what}. ${refusal.remedy}`;
  if (error instanceof NoAnswerError) return `Redis at ${addressOf(config)} is out of reach: ${error.message}.`;
  if (hasGivenUp(error)) return `Redis at ${addressOf(config)} is out of reach.`;
  if (isRedisFault(error)) return `Redis at ${addressOf(config)} cannot be used: ${reasonOf(error)}.`;
  return `The status cannot be read: ${error instanceof Error ? error.message : String(error)}`.replace(/\s+/g, ' ');
}

/** What a connection says when it has tried for long enough: its own limits, and not the reason. */
function hasGivenUp(error: unknown): boolean {
  const { name, message } = error as Partial<Error>;
  return name === 'MaxRetriesPerRequestError' || message === 'Connection is closed.' || message === 'Command timed out';
}
