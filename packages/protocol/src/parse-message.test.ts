import { expect, test, vi } from 'vitest';
import { parseMessage } from './parse-message.ts';

test.each([
  '7',
  '-9007199254740991',
  '9007199254740992',
  '9007199254740993',
  '-123456789012345678901234567890',
  '1.5',
  '1.10',
  '0.30000000000000004441',
  '1e400',
  '"9007199254740993"',
  'null',
])('a message keeps the user id %s, digit for digit', (digits) => {
  const text = `{"a":{"user_id":1.1000},"user_id":${digits},"list":[{"user_id":5}],"__proto__":{"user_id":6.60}}`;
  const expected = `{"a":{"user_id":1.1},"user_id":${digits},"list":[{"user_id":5}],"__proto__":{"user_id":6.6}}`;
  expect(JSON.stringify(parseMessage(text))).toBe(expected);
});

test('so does each message of a list', () => {
  const text = '[{"user_id":1.10},7,{"user_id":7},{"a":{"user_id":2.5},"user_id":9007199254740993}]';
  expect(JSON.stringify(parseMessage(text))).toBe(text);
});

test('of a user id that comes twice, the last one counts', () => {
  expect(JSON.stringify(parseMessage('{"user_id":1.10,"user_id":2.20}'))).toBe('{"user_id":2.20}');
});

test('other JSON is what JSON.parse makes of it', () => {
  for (const text of ['null', '7', '[[{"user_id":1.10}]]', '"text"', '{}', '{"user_id":{"rawJSON":"5"}}']) {
    expect(parseMessage(text)).toEqual(JSON.parse(text));
  }
  expect(() => parseMessage('{"user_id":1.')).toThrow(SyntaxError);
});

test('an ordinary message is parsed once', () => {
  using parse = vi.spyOn(JSON, 'parse');
  for (const id of ['7', '-7', '"1.10"', 'null', '[1.10]']) parseMessage(`{"user_id":${id},"a":1.10}`);
  expect(parse).toHaveBeenCalledTimes(5);
});
