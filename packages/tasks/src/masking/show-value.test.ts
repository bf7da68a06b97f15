import { expect, test } from 'vitest';
import { showValue } from './show-value.ts';

test('masks what stands under a name of a secret, however deep, and keeps the rest', () => {
  const value = {
    text: 'abc',
    count: 3,
    db: [{ host: 'x', dbPassword: 'hunter2', options: { apiKey: { id: 1, value: 'hunter2' } } }],
    token: 12345,
    max_tokens: 512,
    secret: null,
    auth: true,
  };
  expect(showValue(value)).toEqual({
    text: 'abc',
    count: 3,
    db: [{ host: 'x', dbPassword: '⟦masked⟧', options: { apiKey: '⟦masked⟧' } }],
    token: '⟦masked⟧',
    max_tokens: 512,
    secret: null,
    auth: true,
  });
});

test('masks the value of a pair whose name is that of a secret', () => {
  expect(showValue([{ name: 'X-Api-Key', value: 'hunter2' }])).toEqual([{ name: 'X-Api-Key', value: '⟦masked⟧' }]);
  expect(showValue([{ Key: 'colour', Value: 'red' }])).toEqual([{ Key: 'colour', Value: 'red' }]);
});

test('masks secrets in texts, also in those that are names', () => {
  expect(showValue({ 'redis://:hunter2@h': 'Bearer hunter2' })).toEqual({ 'redis://⟦masked⟧@h': 'Bearer ⟦masked⟧' });
});

test('says how much of a long list and of a large object it leaves out', () => {
  const list = showValue(Array.from({ length: 1000 }, (_, index) => index)) as unknown[];
  expect(list).toHaveLength(101);
  expect(list.at(-1)).toBe('⟦left out: 900 more⟧');
  const object = showValue(Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`k${index}`, 1])));
  expect(object).toHaveProperty(['⟦left out: 50 more fields⟧'], null);
});

test('shows a value nested without end to a depth', () => {
  let value: unknown = 'hunter2';
  for (let depth = 0; depth < 100_000; depth += 1) value = [value];
  expect(JSON.stringify(showValue(value))).toMatch(/^\[+"⟦left out: nested deeper than 10 levels⟧"\]+$/);
});

test('shows little of 10 MB, in little time', () => {
  const rows = Array.from({ length: 10_000 }, () => ({ text: 'x'.repeat(900), 'more "text"': 'y'.repeat(100) }));
  const begun = performance.now();
  const shown = JSON.stringify(showValue({ rows, deep: { rows } }));
  expect(performance.now() - begun).toBeLessThan(1000);
  expect(shown.length).toBeLessThan(60_000);
  expect(/⟦left out: \d+ more⟧/.test(shown)).toBe(true);
});

test('leaves alone what JSON has besides', () => {
  for (const value of [undefined, null, true, 0, 50, '']) expect(showValue(value)).toBe(value);
  expect(showValue(JSON.parse('{"__proto__": {"password": "hunter2"}}'))).toEqual(
    JSON.parse('{"__proto__": {"password": "⟦masked⟧"}}'),
  );
});
