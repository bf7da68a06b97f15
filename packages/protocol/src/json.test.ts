import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isDeeperThan, isJsonObject } from './json.ts';
import { jsonObjectSchema } from './json-object-schema.ts';

test('hands a JSON object on as it is, with all its keys', () => {
  const object = JSON.parse('{"__proto__":{"admin":true},"constructor":1,"":null}');
  const parsed = jsonObjectSchema.parse(object);
  expect(parsed).toBe(object);
  expect(Object.keys(parsed)).toEqual(['__proto__', 'constructor', '']);
  expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
});

test.each([[[]], [null], ['{}'], [5], [undefined]])('does not take %j for a JSON object', (value) => {
  expect(isJsonObject(value)).toBe(false);
  expect(jsonObjectSchema.safeParse(value)).toMatchObject({
    error: { issues: [{ message: 'must be a JSON object' }] },
  });
});

test('counts the levels of arrays and objects', () => {
  const value = { a: [{ b: [] }], c: 1 };
  expect([3, 4].map((limit) => isDeeperThan(value, limit))).toEqual([true, false]);
  expect(isDeeperThan('text', 0)).toBe(false);
  expect(isDeeperThan({}, 0)).toBe(true);
  expect(isDeeperThan([1, 'x', null, true], 1)).toBe(false);
});

test('agrees with the depth that JSON text shows', () => {
  const depthOf = (text: string) => {
    let [depth, deepest] = [0, 0];
    for (const character of text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '')) {
      if ('[{'.includes(character)) deepest = Math.max(deepest, ++depth);
      if (']}'.includes(character)) depth -= 1;
    }
    return deepest;
  };
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      const depth = depthOf(text);
      expect(isDeeperThan(JSON.parse(text), depth)).toBe(false);
      if (depth > 0) expect(isDeeperThan(JSON.parse(text), depth - 1)).toBe(true);
    }),
  );
});
