import { expect, test } from 'vitest';
import { blanked, visible, visibleJson, visibleLines } from './terminal-text.ts';

test.each([
  ['\u001b[31m', '\\u001b[31m'],
  ['\u009b31m', '\\u009b31m'],
  ['a\nb\tc\r', 'a\\nb\\tc\\r'],
  ['\u202e\u2066\u061c', '\\u202e\\u2066\\u061c'],
  ['pay\u00adpal\u200b\u2060\ufeff', 'pay\\u00adpal\\u200b\\u2060\\ufeff'],
  ['x\u{e0041}', 'x\\udb40\\udc41'],
  ['\ud800', '\\ud800'],
])('writes what cannot be seen in %j as its code', (text, seen) => {
  expect(visible(text)).toBe(seen);
  expect(visibleLines(`${text}\nnext`).endsWith('\nnext')).toBe(true);
  expect(blanked(text)).toHaveLength(text.length);
});

test.each(['Süd', 'e\u0301', '東京', '👨‍👩‍👧', 'नमस्\u200dते', 'می\u200cخواهم', '❤️'])('leaves %s as it is', (text) => {
  expect(visible(text)).toBe(text);
});

test('writes JSON of the same value that steers no terminal', () => {
  const value = { text: '\u009b31m\u202e\u{e0041}\u001b\n"' };
  for (const indent of [undefined, 2]) {
    const json = visibleJson(value, indent);
    expect(JSON.parse(json)).toEqual(value);
    expect(json).not.toMatch(/[\u007f-\u009f\u202e]/);
  }
  expect(visibleJson(value, 2).split('\n')).toHaveLength(3);
});
