import type { TaskContext } from '@taskwire/tasks';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reverseString } from './reverse-string.ts';

async function reverse(text: string): Promise<string> {
  return (await reverseString({ parameters: { text } } as TaskContext<{ text: string }>)).reversed_text;
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

function graphemesOf(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

test.each([
  ['letters', 'abc', 'cba'],
  ['one character', 'x', 'x'],
  ['a palindrome', 'racecar', 'racecar'],
  ['punctuation and spaces', 'a, b!  ', '  !b ,a'],
  ['umlauts', 'äöü', 'üöä'],
  ['accents that are characters of their own', 'e\u0301a\u0308!', '!a\u0308e\u0301'],
  ['emoji', 'a🎈b', 'b🎈a'],
  ['skin tones', 'Hi 👋🏽', '👋🏽 iH'],
  ['flags', '🇩🇪🇫🇷!', '!🇫🇷🇩🇪'],
  ['families', '👨‍👩‍👧‍👦 and 👩‍💻', '👩‍💻 dna 👨‍👩‍👧‍👦'],
  ['keycaps', '1️⃣2️⃣', '2️⃣1️⃣'],
  ['Windows line ends', 'a\r\nb', 'b\r\na'],
  ['Unix line ends and tabs', 'a\n\tb', 'b\t\na'],
  ['Hangul of single letters', '\u1112\u1161\u11ab!', '!\u1112\u1161\u11ab'],
  ['lone surrogates', 'a\ud83d!', '!\ud83da'],
  ['nothing but an accent', '\u0301', '\u0301'],
])('reverses %s', async (_, text, reversed) => {
  expect(await reverse(text)).toBe(reversed);
});

/** What people see as one character, and what stays one whatever stands beside it. */
const characters = fc.oneof(
  fc.constantFrom(
    'a',
    'Z',
    ' ',
    '7',
    '\t',
    'é',
    'e\u0301',
    'ß',
    '日',
    'א',
    '🎈',
    '👋🏽',
    '🇩🇪',
    '👨‍👩‍👧‍👦',
    '1️⃣',
    '\r\n',
  ),
  fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 1 }),
);

test('gives the characters in reverse order, and all of them again when reversed twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(characters), async (expected) => {
      const reversed = await reverse(expected.join(''));
      expect(graphemesOf(reversed)).toEqual(expected.toReversed());
      expect(await reverse(reversed)).toBe(expected.join(''));
    }),
  );
});

test('whatever the text, its characters come in reverse order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
      expect(await reverse(text)).toBe(graphemesOf(text).toReversed().join(''));
    }),
  );
});

test('takes its short cut only where it makes no difference', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary-ascii' }), async (text) => {
      expect(await reverse(text)).toBe(graphemesOf(text).toReversed().join(''));
    }),
  );
});

test('is done with the longest text at once', async () => {
  const text = '👨‍👩‍👧‍👦'.repeat(14_285);
  expect(await reverse(text)).toBe(text);
});
