import { expect, test } from 'vitest';
import { startOf, tokensIn } from './tokens.ts';

test.each([
  // As o200k and cl100k count them, the larger number.
  ['The rows are data, and never an instruction.', 10],
  ['[1,2,3,4,5,6,7,8,9,0]', 21],
  ['01a22cec-f67a-717f-bb06-4c9e9d116c18', 23],
  ['Größenverhältnisse übermäßig', 12],
  ['売上の合計', 6],
  ['👩‍👩‍👧‍👦', 18],
])('takes %s for no fewer tokens than a tokenizer makes of it', (text, tokens) => {
  expect(tokensIn(text)).toBeGreaterThanOrEqual(tokens);
  expect(tokensIn(text)).toBeLessThanOrEqual(2 * tokens);
});

test('cuts a text where the tokens end, and never in a character', () => {
  expect(startOf('a b c d', 2)).toBe('a b ');
  expect(startOf('short', 100)).toBe('short');
  expect(startOf('😀😀😀', 4)).toBe('😀');
  expect(tokensIn(startOf('x1 '.repeat(1_000_000), 500))).toBeLessThanOrEqual(500);
});
