import fc from 'fast-check';
import { expect, test } from 'vitest';
import { membersOf, objectOf } from './result-file-members.ts';

const objects = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue());

test.each([undefined, 2, '\t'])('gives each member with the text of its value (indented by %j)', (indent) => {
  fc.assert(
    fc.property(objects, (object) => {
      const text = JSON.stringify(object, undefined, indent);
      const members = membersOf(` ${text}\n`);
      expect([...members.keys()].toSorted()).toEqual(Object.keys(object).toSorted());
      for (const [name, value] of members) expect(JSON.parse(value)).toEqual(JSON.parse(text)[name]);
      expect(JSON.parse(objectOf(members))).toEqual(JSON.parse(text));
    }),
  );
});

test('keeps texts that JavaScript would write otherwise', () => {
  const text = '{"a":1.0,"b":12345678901234567890,"c":[1e2, -0 ],"d":"\\u00e4\\\\\\"}","__proto__":{"x" : 1}}';
  expect([...membersOf(text)]).toEqual([
    ['a', '1.0'],
    ['b', '12345678901234567890'],
    ['c', '[1e2, -0 ]'],
    ['d', '"\\u00e4\\\\\\"}"'],
    ['__proto__', '{"x" : 1}'],
  ]);
});

test.each(['', '[]', '7', '{"a":', '{"a":1', '{"a":"', '{"a":{}'])('refuses %j', (text) => {
  expect(() => membersOf(text)).toThrow(SyntaxError);
});
