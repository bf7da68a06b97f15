import stringWidth from 'string-width';

/** What would steer a terminal, or turn the direction of what stands beside it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it is about
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

const NAMES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Longer texts are never shown in full, and measuring takes time. */
const MAX_MEASURED = 4096;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** A text on one line, with what cannot be seen written as `\n` or `\u001b`. */
export function visible(text: string): string {
  const code = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return text.replace(UNSEEN, (character) => NAMES[character] ?? code(character));
}

/** How many columns of a terminal a text takes, without colours. */
export function widthOf(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text);
}

/** A text that takes at most so many columns; what is cut off ends in `…`. */
export function cut(text: string, width: number): string {
  const measured = text.length > MAX_MEASURED ? text.slice(0, MAX_MEASURED) : text;
  if (measured === text && widthOf(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(measured)) {
    used += widthOf(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return width > 0 ? `${kept}…` : '';
}

/** A text with blanks up to a width: behind it, or before it. */
export function padded(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return side === 'left' ? text + blanks : blanks + text;
}
