import { expect, test } from 'vitest';
import { markdownLines } from './markdown.ts';

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
