import { expect, test } from 'vitest';
import { findMark } from './marks.ts';
import { showValue } from './show-value.ts';

test.each([
  [{ password: 'x' }, 'parameters.password'],
  [{ rows: [{}, { url: 'redis://:x@h' }] }, 'parameters.rows[1].url'],
  [{ text: 'x'.repeat(3000) }, 'parameters.text'],
  [{ list: Array.from({ length: 200 }, () => 1) }, 'parameters.list[100]'],
  [Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`k${index}`, 1])), 'parameters'],
])('finds what was not shown, and says where', (value, path) => {
  expect(findMark(showValue(value) as object as never, 'parameters')?.path).toBe(path);
});

test('finds nothing in what was shown whole', () => {
  expect(findMark({ text: '⟦ and ⟧', list: [1, null, true, 'masked'] }, 'parameters')).toBeUndefined();
});
