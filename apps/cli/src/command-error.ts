import { EXIT_CODE } from './exit-code.ts';

/** Wrong usage; the message is a sentence for the user, with the fix. */
export class UsageError extends Error {
  readonly code = 'usage';
}

/** By the stable `code` of each of our errors: importing their classes would load all packages. */
const EXIT_CODES: ReadonlyMap<unknown, number> = new Map([
  ['usage', EXIT_CODE.usage],
  ['invalid_config', EXIT_CODE.usage],
  ['invalid_message', EXIT_CODE.usage],
  ['invalid_task_definition', EXIT_CODE.usage],
  ['invalid_task_folder', EXIT_CODE.usage],
  ['other_format', EXIT_CODE.usage],
  ['redis_unavailable', EXIT_CODE.unreachable],
  ['no_processor', EXIT_CODE.unreachable],
  ['web_unavailable', EXIT_CODE.unreachable],
  ['web_refused', EXIT_CODE.failed],
  ['wait_timeout', EXIT_CODE.noResult],
  ['no_answer', EXIT_CODE.noResult],
  ['task_lost', EXIT_CODE.noResult],
  ['rows_not_shown', EXIT_CODE.failed],
  ['not_started', EXIT_CODE.failed],
]);

/** The exit code for what a command threw; undefined if unexpected. */
export function exitCodeOf(error: unknown): number | undefined {
  return EXIT_CODES.get((error as { code?: unknown }).code);
}
