import { z } from 'zod';
import { didYouMean } from './did-you-mean.ts';

/** One fault of a message: where (`parameters.min_value`, `rows[2].name`, empty for the whole) and what. */
export const errorDetailSchema = z.strictObject({
  path: z.string(),
  message: z.string(),
  code: z.string().optional().describe("The database's own code, as SQLSTATE 42P01"),
  position: z.int().min(0).optional().describe('Where in the text of the query: the index of a character, 0 first'),
});

export type ErrorDetail = z.infer<typeof errorDetailSchema>;

const MAX_DETAILS = 20;
const MAX_NAME_LENGTH = 100;

/**
 * The faults that zod found, one per field, at most 20.
 *
 * @param prefix where the checked value stands in the message, as `parameters`; empty for the top.
 * @param knownFields the fields that exist at the top of the checked value, for suggestions.
 */
export function errorDetailsOf(error: z.core.$ZodError, prefix: string, knownFields: readonly string[]): ErrorDetail[] {
  const details: ErrorDetail[] = [];
  for (const issue of error.issues) {
    const path = pathOf(issue.path, prefix);
    if (issue.code !== 'unrecognized_keys') {
      details.push({ path, message: wordsOf(issue) });
    } else {
      for (const key of issue.keys.slice(0, MAX_DETAILS)) {
        const suggestion = issue.path.length === 0 ? didYouMean(key, knownFields) : '';
        details.push({ path: pathOf([key], path), message: `no such field${suggestion}` });
      }
    }
    if (details.length >= MAX_DETAILS) break;
  }
  return details.slice(0, MAX_DETAILS);
}

function wordsOf({ message }: z.core.$ZodIssue): string {
  if (message.endsWith('received undefined')) return 'is required';
  return message.replace(/^Invalid input: /, '');
}

/** The faults in one sentence for a person. */
export function sentenceOf(what: string, details: readonly ErrorDetail[]): string {
  const faults = details.slice(0, 3).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  const more = details.length > faults.length ? ` (and ${details.length - faults.length} more)` : '';
  return `${what}: ${faults.join('; ')}${more}`;
}

function pathOf(segments: readonly PropertyKey[], prefix: string): string {
  return segments.reduce<string>((path, segment) => {
    if (typeof segment === 'number') return `${path}[${segment}]`;
    const name = String(segment).slice(0, MAX_NAME_LENGTH);
    return path === '' ? name : `${path}.${name}`;
  }, prefix);
}
