import { NoProcessorError, WaitTimeoutError } from '@taskwire/client';
import { ConfigError } from '@taskwire/config';
import { InvalidRequestError } from '@taskwire/protocol';
import { RedisUnavailableError } from '@taskwire/redis';
import { TaskFolderError } from '@taskwire/tasks';
import { EXIT_CODE } from './exit-code.ts';

/** A command was used wrongly; the message is a sentence for the user, with the way out. */
export class UsageError extends Error {
  readonly code = 'usage';
}

/** The exit code for what a command threw; undefined for what nobody foresaw. */
export function exitCodeOf(error: unknown): number | undefined {
  if (error instanceof UsageError || error instanceof ConfigError) return EXIT_CODE.usage;
  if (error instanceof InvalidRequestError || error instanceof TaskFolderError) return EXIT_CODE.usage;
  if (error instanceof RedisUnavailableError || error instanceof NoProcessorError) return EXIT_CODE.unreachable;
  if (error instanceof WaitTimeoutError) return EXIT_CODE.noResult;
  return undefined;
}
