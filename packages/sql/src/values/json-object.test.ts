import { expect, test } from 'vitest';
import { jsonObject } from './json-object.ts';

test.each<[string, [string, number][]]>([
  [
    '{"region":1,"2024":2,"2023":3}',
    [
      ['region', 1],
      ['2024', 2],
      ['2023', 3],
    ],
  ],
  [
    '{"b":1,"a":2}',
    [
      ['b', 1],
      ['a', 2],
    ],
  ],
  [
    '{"01":1,"-1":2,"4294967295":3,"1":4}',
    [
      ['01', 1],
      ['-1', 2],
      ['4294967295', 3],
      ['1', 4],
    ],
  ],
  [
    '{"__proto__":1,"0":2}',
    [
      ['__proto__', 1],
      ['0', 2],
    ],
  ],
  [
    '{"1":3,"0":2}',
    [
      ['1', 1],
      ['0', 2],
      ['1', 3],
    ],
  ],
])('keeps the order of %s', (json, entries) => {
  expect(JSON.stringify(jsonObject(entries))).toBe(json);
  expect(jsonObject(entries)).toEqual(JSON.parse(json));
});
