import { expect, test } from 'vitest';
import { Roster } from './roster.ts';

test('who left is no longer in it, whatever the order, and the others are', () => {
  const roster = new Roster<{ name: string; place: number }>();
  const entries = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, place: 0 }));
  const names = () => [...roster].map(({ name }) => name).sort();
  for (const entry of entries) roster.enter(entry);
  const [a, b, c, d, e] = entries as [(typeof entries)[0], ...typeof entries];
  for (const [entry, left] of [
    [b, ['a', 'c', 'd', 'e']],
    [e, ['a', 'c', 'd']],
    [a, ['c', 'd']],
    [d, ['c']],
    [c, []],
  ] as const) {
    roster.leave(entry as typeof a);
    expect(names()).toEqual(left);
  }
  expect(roster.size).toBe(0);
});

test('those who leave while it is gone through are gone through', () => {
  const roster = new Roster<{ place: number }>();
  for (let each = 0; each < 3; each += 1) roster.enter({ place: 0 });
  let seen = 0;
  for (const entry of roster) {
    roster.leave(entry);
    seen += 1;
  }
  expect(seen).toBe(3);
});
