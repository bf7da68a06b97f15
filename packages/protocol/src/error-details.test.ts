import { expect, test } from 'vitest';
import { z } from 'zod';
import { errorDetailsOf, sentenceOf } from './error-details.ts';

const schema = z.strictObject({
  text: z.string('must be a text').optional(),
  rows: z.array(z.strictObject({ name: z.string('must be a text') })).optional(),
});

function detailsOf(value: unknown, prefix = '') {
  const { error } = schema.safeParse(value);
  if (!error) throw new Error('the value is valid');
  return errorDetailsOf(error, prefix, ['text', 'rows']);
}

test('says where a fault is, with indices in brackets', () => {
  expect(detailsOf({ text: 5, rows: [{ name: 'a' }, { name: 6 }] })).toEqual([
    { path: 'text', message: 'must be a text' },
    { path: 'rows[1].name', message: 'must be a text' },
  ]);
});

test('puts the place of the checked value in front', () => {
  expect(detailsOf({ rows: [{ name: 6 }] }, 'parameters')).toEqual([
    { path: 'parameters.rows[0].name', message: 'must be a text' },
  ]);
  expect(detailsOf(7, 'parameters')).toEqual([{ path: 'parameters', message: expect.any(String) }]);
});

test('reports each unknown field by itself, with a suggestion only where the known fields are', () => {
  expect(detailsOf({ txt: 1, other: 2, rows: [{ name: 'a', text: 3 }] }, 'parameters')).toEqual([
    { path: 'parameters.rows[0].text', message: 'no such field' },
    { path: 'parameters.txt', message: 'no such field; did you mean "text"?' },
    { path: 'parameters.other', message: 'no such field' },
  ]);
});

test('gives at most 20 details, whatever the number of faults', () => {
  const noise = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`noise${index}`, 0]));
  expect(detailsOf(noise)).toHaveLength(20);
  expect(detailsOf({ rows: Array.from({ length: 1000 }, () => 0) })).toHaveLength(20);
});

test('cuts the name of an unknown field short, so that a rejection stays small', () => {
  const [detail] = detailsOf({ ['x'.repeat(100_000)]: 0 });
  expect(detail).toEqual({ path: 'x'.repeat(100), message: 'no such field' });
});

test.each([
  [[{ path: 'a', message: 'is bad' }], 'Wrong: a: is bad'],
  [[{ path: '', message: 'must be an object' }], 'Wrong: must be an object'],
  [[1, 2, 3].map((n) => ({ path: `f${n}`, message: 'x' })), 'Wrong: f1: x; f2: x; f3: x'],
  [[1, 2, 3, 4, 5].map((n) => ({ path: `f${n}`, message: 'x' })), 'Wrong: f1: x; f2: x; f3: x (and 2 more)'],
])('writes the faults %j as one sentence', (details, sentence) => {
  expect(sentenceOf('Wrong', details)).toBe(sentence);
});
