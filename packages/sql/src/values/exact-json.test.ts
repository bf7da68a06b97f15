import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exactJson } from './exact-json.ts';

describe('exactJson', () => {
  test.each([
    ['12345678901234567890', '12345678901234567890'],
    ['-9007199254740993', '-9007199254740993'],
    ['9007199254740992', 9007199254740992],
    ['0.1234567890123456789', '0.1234567890123456789'],
    ['1e400', '1e400'],
    ['1e-400', '1e-400'],
    ['0.1', 0.1],
    ['1.50', 1.5],
    ['15E-1', 1.5],
    ['100', 100],
    ['1e2', 100],
    ['0.000', 0],
    ['5e-324', 5e-324],
    ['-1.7976931348623157e308', -1.7976931348623157e308],
  ])('reads the number %s as %j', (text, json) => {
    expect(exactJson(text)).toBe(json);
    expect(exactJson(`{"a":[${text}]}`)).toEqual({ a: [json] });
  });

  test('leaves strings that look like numbers alone', () => {
    expect(exactJson('"1.50"')).toBe('1.50');
  });

  test('keeps a key called __proto__', () => {
    expect(JSON.stringify(exactJson('{"__proto__":1}'))).toBe('{"__proto__":1}');
  });

  test.each(['', '{', '[1,]', `${'['.repeat(200_000)}`])('returns what is no JSON as it is', (text) => {
    expect(exactJson(text)).toBe(text);
  });

  test('reads what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.stringify(exactJson(JSON.stringify(value)))).toBe(JSON.stringify(value));
      }),
    );
  });

  test('loses no digit of an integer, however long', () => {
    fc.assert(
      fc.property(fc.bigInt(), (integer) => {
        expect(BigInt(exactJson(String(integer)) as string)).toBe(integer);
      }),
    );
  });
});
