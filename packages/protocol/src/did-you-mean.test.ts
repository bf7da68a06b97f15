import fc from 'fast-check';
import { expect, test } from 'vitest';
import { didYouMean } from './did-you-mean.ts';

const fields = ['task_type', 'priority', 'user_id'];

test.each([
  ['prioritty', 'priority'],
  ['Priority', 'priority'],
  ['TASK_TYPE', 'task_type'],
  ['tasktype', 'task_type'],
  ['userid', 'user_id'],
  ['user_id', 'user_id'],
])('for %s suggests %s', (word, suggestion) => {
  expect(didYouMean(word, fields)).toBe(`; did you mean "${suggestion}"?`);
});

test('two letters in the wrong order are near, also in a short word', () => {
  expect(didYouMean('qurey', ['query', 'query_name'])).toBe('; did you mean "query"?');
});

test.each(['', 'xyzzy', 'p', 'a completely different thing'])('gives no advice on %j', (word) => {
  expect(didYouMean(word, fields)).toBe('');
});

test('has no advice where nothing is known', () => {
  expect(didYouMean('text', [])).toBe('');
});

test('does not spend time on very long words', () => {
  expect(didYouMean('x'.repeat(1_000_000), ['x'.repeat(1_000_000)])).toBe('');
});

test('whatever the word, suggests one of the known words or nothing', () => {
  const possible = ['', ...fields.map((field) => `; did you mean "${field}"?`)];
  fc.assert(fc.property(fc.string(), (word) => possible.includes(didYouMean(word, fields))));
});
