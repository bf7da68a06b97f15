import { expect, test } from 'vitest';
import { markdownLines, markdownText } from './markdown.ts';

test.each([
  ['a & b &amp; c', 'a &amp; b &amp;amp; c'],
  ['*x* _y_ ~~z~~ `q`', '\\*x\\* \\_y\\_ \\~\\~z\\~\\~ \\`q\\`'],
  ['[a](b) <b> #1 $x$', '\\[a\\](b) &lt;b> \\#1 \\$x\\$'],
  ['  ab ', '&#32;&#32;ab&#32;'],
  ['C:\\dir', 'C:\\\\dir'],
  ['\u001b[1m', '\\\\u001b\\[1m'],
])('writes %j so that it comes back as it is', (text, written) => {
  expect(markdownText(text)).toBe(written);
});

test('writes a table that pipes, line breaks and tags cannot break out of', () => {
  const columns = [
    { name: 'a|b', type: 'VARCHAR' },
    { name: 'n', type: 'BIGINT' },
  ];
  const rows = [
    { 'a|b': 'x | y\r\nz \\| <b>', n: '9007199254740993' },
    { 'a|b': null, n: 1 },
  ];
  expect(markdownLines(columns, rows)).toEqual([
    '| a\\|b | n |',
    '| --- | ---: |',
    '| x \\| y<br>z \\\\\\| &lt;b> | 9007199254740993 |',
    '| NULL | 1 |',
  ]);
});
