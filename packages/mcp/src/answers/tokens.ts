/** Words as tokenizers cut them, digits in threes, all else one by one. */
const PARTS = /[A-Z]?[a-z]+|[A-Z]+|\d{1,3}|[^A-Za-z\d ]/g;

/** A word of a language has more vowels than letters at random, as in a hash, and is not so long. */
const WORD = /^(?=.{1,15}$)[^aeiouy]{0,3}([aeiouy]+[^aeiouy]{0,3})+$/i;

/** How many tokens a text takes of a context window, about: rather too many, by what the tokenizers o200k and cl100k count. */
export function tokensIn(text: string): number {
  let tokens = 0;
  for (const [part] of text.matchAll(PARTS)) {
    if (part.charCodeAt(0) >= 128) tokens += 2;
    else if (part.length < 3 || part <= '9') tokens += 1;
    else tokens += Math.ceil(part.length / (WORD.test(part) ? 6 : 1.75));
  }
  return tokens;
}

/** Of a token: more than there are in any text but blanks. */
const MOST_CHARACTERS = 8;

/** The beginning of a text that takes at most so many tokens. */
export function startOf(text: string, maxTokens: number): string {
  let [fits, tooLong] = [0, Math.min(text.length, maxTokens * MOST_CHARACTERS) + 1];
  while (tooLong - fits > 1) {
    const length = (fits + tooLong) >> 1;
    if (tokensIn(text.slice(0, length)) <= maxTokens) fits = length;
    else tooLong = length;
  }
  // Not half of a character.
  return text.slice(0, /[\uD800-\uDBFF]/.test(text[fits - 1] ?? '') ? fits - 1 : fits);
}
