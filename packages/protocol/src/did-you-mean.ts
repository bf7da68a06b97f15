import { closest, distance } from 'fastest-levenshtein';

/**
 * The end of an error sentence: `; did you mean "priority"?` if a word is near, else the empty string.
 *
 * Near is at most a third of the word's length in edits, the same letters in another order, or a beginning of at least
 * three letters, so that nonsense gets no advice.
 */
export function didYouMean(word: string, known: readonly string[]): string {
  if (known.length === 0 || word.length > 100) return '';
  const asked = word.toLowerCase();
  const best = closest(asked, known as string[]);
  const near = distance(asked, best) <= Math.max(1, Math.floor(best.length / 3)) || sorted(asked) === sorted(best);
  const meant = near ? best : known.find((candidate) => asked.length >= 3 && candidate.startsWith(asked));
  return meant === undefined ? '' : `; did you mean "${meant}"?`;
}

function sorted(word: string): string {
  return [...word].sort().join('');
}
