import { stripVTControlCharacters, styleText } from 'node:util';
import { expect, test } from 'vitest';
import { alignedLines } from './aligned-lines.ts';

test('aligns columns as a terminal shows them: wide characters take two, colours none', () => {
  const red = styleText('red', 'ab', { validateStream: false });
  const lines = alignedLines([
    ['A', 'B'],
    ['東京', 'x'],
    [red, 'y'],
  ]).map(stripVTControlCharacters);
  expect(lines).toEqual(['A     B', '東京  x', 'ab    y']);
});
