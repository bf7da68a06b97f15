import { expect, test } from 'vitest';
import { faultOfPasswordHash, hashPassword, isPassword, parsePasswordHash } from './password-hash.ts';

const SALT = 'A'.repeat(22);
const KEY = 'A'.repeat(43);

test('knows a password by its hash, and no other one', async () => {
  const hash = parsePasswordHash(await hashPassword('correct horse'));
  expect(hash).toMatchObject({ N: 32_768, r: 8, p: 3 });
  expect(await isPassword('correct horse', hash)).toBe(true);
  expect(await isPassword('correct horsf', hash)).toBe(false);
  expect(await isPassword('', hash)).toBe(false);
});

test('the same password has another hash each time', async () => {
  expect(await hashPassword('correct horse')).not.toBe(await hashPassword('correct horse'));
});

test('takes a letter with an accent the same whether it was typed as one character or as two', async () => {
  const hash = parsePasswordHash(await hashPassword('Grüße an alle'.normalize('NFC')));
  expect(await isPassword('Grüße an alle'.normalize('NFD'), hash)).toBe(true);
});

test.each([
  ['a key that is cut off', `scrypt:32768:8:3:${SALT}:${KEY.slice(1)}`, /cut off/],
  ['a salt that is cut off', `scrypt:32768:8:3:${SALT.slice(2)}:${KEY}`, /cut off/],
  ['no key', `scrypt:32768:8:3:${SALT}`, /cut off/],
  ['an N that is no power of two', `scrypt:32767:8:3:${SALT}:${KEY}`, /power of two/],
  ['an N of 0', `scrypt:0:8:3:${SALT}:${KEY}`, /power of two/],
  ['an r of 0', `scrypt:32768:0:3:${SALT}:${KEY}`, /at least/],
  ['a p of 0', `scrypt:32768:8:0:${SALT}:${KEY}`, /at least/],
  ['gigabytes by N', `scrypt:4194304:8:1:${SALT}:${KEY}`, /too much memory/],
  ['gigabytes by r', `scrypt:32768:4096:1:${SALT}:${KEY}`, /too much memory/],
  ['256 MiB, though in a moment', `scrypt:262144:8:1:${SALT}:${KEY}`, /too much memory/],
  ['minutes by p', `scrypt:32768:8:99999:${SALT}:${KEY}`, /too much memory or time/],
  ['an N beyond all numbers', `scrypt:${'9'.repeat(400)}:8:3:${SALT}:${KEY}`, /power of two/],
  ['hardly any work', `scrypt:1024:8:1:${SALT}:${KEY}`, /too weak/],
])('refuses a hash with %s', (_, text, why) => {
  expect(faultOfPasswordHash(text)).toMatch(why);
});

test.each(['131072:8:1', '65536:8:2', '16384:8:5'])('takes the cost %s, which OWASP advises too', async (cost) => {
  const text = `scrypt:${cost}:${SALT}:${KEY}`;
  expect(faultOfPasswordHash(text)).toBeUndefined();
  expect(await isPassword('correct horse', parsePasswordHash(text))).toBe(false);
});
