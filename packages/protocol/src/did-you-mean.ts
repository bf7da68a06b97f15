import { closest, distance } from 'fastest-levenshtein';

/**
 * Ends an error sentence with a suggestion where one is near: `; did you mean "priority"?`, else the empty string.
 *
 * Near is at most a third of the word's length in edits, so that nonsense gets no advice.
 */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0 || word.length > 100) return '';
  const best = closest(word.toLowerCase(), known as string[]);
  const near = distance(word.toLowerCase(), best) <= Math.max(1, Math.floor(best.length / 3));
  return near ? `; did you mean "${best}"?` : '';
}
