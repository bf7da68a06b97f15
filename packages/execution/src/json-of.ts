import { failed, notJson } from '@taskwire/tasks/running';
import type { AttemptOutcome } from './attempt.ts';
import { resultTooLarge } from './failures.ts';

/**
 * The JSON of a result, or why it has none that may travel.
 *
 * @param resultJson its field `result`, if that is JSON already.
 */
export function jsonOf(
  value: object,
  { taskType, maxBytes, resultJson }: { taskType: string; maxBytes: number; resultJson?: string | undefined },
): { status: 'json'; json: string } | Extract<AttemptOutcome, { status: 'failed' }> {
  let json: string;
  try {
    json = JSON.stringify(resultJson === undefined ? value : { ...value, result: undefined });
    if (resultJson !== undefined) json = `${json.slice(0, -1)},"result":${resultJson}}`;
  } catch (error) {
    // V8's words for JSON that is longer than a string can be; too deep nesting is another RangeError.
    const tooLong = error instanceof RangeError && error.message === 'Invalid string length';
    return failed(tooLong ? resultTooLarge(undefined, maxBytes) : notJson(taskType));
  }
  const bytes = Buffer.byteLength(json);
  return bytes > maxBytes ? failed(resultTooLarge(bytes, maxBytes)) : { status: 'json', json };
}
