import stringWidth from 'string-width';

/** Longer texts are never shown in full, and measuring takes time. */
const MAX_MEASURED = 4096;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The terminal columns that a text takes; colours take none. */
export function widthOf(text: string): number {
  return /^[\x20-\x7e]*$/.test(text) ? text.length : stringWidth(text);
}

/** A text cut to at most so many columns; a cut one ends in `…`. */
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

/** A text padded with blanks to a width, after or before it. */
export function padded(text: string, width: number, side: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - widthOf(text)));
  return side === 'left' ? text + blanks : blanks + text;
}
