import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { bearer, startServer } from './access-server.ts';

const BIN = fileURLToPath(new URL('../../cli/bin/taskwire.cjs', import.meta.url));

/** Runs `taskwire hash-password` with some input. */
async function hashPassword(args: string[], input = '') {
  const child = spawn(process.execPath, [BIN, 'hash-password', ...args]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number];
  return { code, out, err };
}

test('the hash that it prints is the one to log in with; further lines and the line end do not count', async () => {
  const { code, out } = await hashPassword([], 'correct Grüße\r\nsecond line\n');
  expect(code).toBe(0);
  expect(out).toMatch(/^scrypt:32768:8:3:[\w-]{22}:[\w-]{43}\n$/);
  const users = { ada: { password_hash: out.trim(), role: 'operator' } };
  const { ask, cookieOf } = await startServer({ env: { TASKWIRE_WEB_USERS: JSON.stringify(users) } });
  expect((await ask('/page', { headers: await cookieOf('ada', 'correct Grüße') })).status).toBe(200);
  expect((await cookieOf('ada', 'correct Grusse')).cookie).toBe('');
});

test('--json is for programs', async () => {
  const { code, out } = await hashPassword(['--json'], 'correct horse');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toEqual({ password_hash: expect.stringMatching(/^scrypt:/) });
});

test.each([
  ['no password', '', /No password was given/],
  ['an empty line', '\ncorrect horse\n', /No password was given/],
  ['seven characters', 'horses!\n', /at least 8 characters/],
  ['four characters of two code units each', '😀😀😀😀\n', /at least 8 characters/],
])('refuses %s as wrong usage', async (_, input, why) => {
  const { code, out, err } = await hashPassword([], input);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(why);
});

test('--token makes a token, another one each time, and the hash that lets it in', async () => {
  const { code, out } = await hashPassword(['--token']);
  expect(code).toBe(0);
  const [token = '', token_hash] = out.trim().split('\n');
  expect(token).toMatch(/^[\w-]{43}$/);
  const other = JSON.parse((await hashPassword(['--token', '--json'])).out);
  expect(other).toEqual({ token: expect.any(String), token_hash: expect.stringMatching(/^sha256:[\w-]{43}$/) });
  const tokens = { one: { token_hash }, other: { token_hash: other.token_hash } };
  const { ask } = await startServer({ env: { TASKWIRE_WEB_TOKENS: JSON.stringify(tokens) } });
  expect(JSON.parse((await ask('/page', { headers: bearer(token) })).text).visitor.name).toBe('one');
  expect(JSON.parse((await ask('/page', { headers: bearer(other.token) })).text).visitor.name).toBe('other');
});
