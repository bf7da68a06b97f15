import { expect, test } from 'vitest';
import { ACCOUNTS, bearer, PASSWORD, startServer, TOKENS } from './access-server.ts';

test('ten logins a minute from one address, then no more, not even with the right password', async () => {
  const { logIn, ask, cookieOf } = await startServer({ env: ACCOUNTS });
  const who = await cookieOf('ada');
  for (let attempt = 2; attempt <= 10; attempt += 1) expect((await logIn({})).status).toBe(400);
  const { status, headers, text } = await logIn({ username: 'ada', password: PASSWORD });
  expect(status).toBe(429);
  expect(Number(headers['retry-after'])).toBeGreaterThan(50);
  expect(Number(headers['retry-after'])).toBeLessThanOrEqual(60);
  expect(text).toMatch(/role="alert">Too many attempts from your address\. Try again in \d+ s\.</);
  expect((await ask('/login')).status).toBe(200);
  expect((await ask('/page', { headers: who })).status).toBe(200);
});

test('of a proxy that is trusted counts what it says itself, not what a client made up', async () => {
  const { logIn } = await startServer({ env: { ...ACCOUNTS, TASKWIRE_WEB_TRUST_PROXY: 'true' } });
  const from = (addresses: string) => logIn({}, { 'x-forwarded-for': addresses });
  for (let attempt = 1; attempt <= 10; attempt += 1)
    expect((await from(`10.0.0.${attempt}, 10.9.9.9`)).status).toBe(400);
  expect((await from('10.0.0.11, 10.9.9.9')).status).toBe(429);
  expect((await from('10.0.0.11, 10.9.9.8')).status).toBe(400);
});

test('without such a proxy, what is said of the address does not count', async () => {
  const { logIn } = await startServer({ env: ACCOUNTS });
  const from = (address: string) => logIn({}, { 'x-forwarded-for': address });
  for (let attempt = 1; attempt <= 10; attempt += 1) expect((await from(`10.0.0.${attempt}`)).status).toBe(400);
  expect((await from('10.0.0.11')).status).toBe(429);
});

test('thirty logins as one user in five minutes, from wherever; others may log in', async () => {
  const { logIn } = await startServer({ env: { ...ACCOUNTS, TASKWIRE_WEB_TRUST_PROXY: 'true' } });
  const attempt = (username: string, address: number) =>
    logIn({ username, password: 'wrong horse' }, { 'x-forwarded-for': `10.0.0.${address}` });
  for (let address = 1; address <= 30; address += 1) expect((await attempt('ada', address)).status).toBe(401);
  const { status, headers, text } = await attempt('ada', 31);
  expect(status).toBe(429);
  expect(Number(headers['retry-after'])).toBeGreaterThan(200);
  expect(text).toContain('Too many attempts with this name.');
  expect((await attempt('vic', 31)).status).toBe(401);
}, 60_000);

test('ten wrong tokens a minute from one address; right ones are not affected', async () => {
  const { ask } = await startServer({ env: ACCOUNTS });
  const wrong = () => ask('/page', { headers: bearer('wrong') });
  for (let attempt = 1; attempt <= 10; attempt += 1) expect((await wrong()).status).toBe(401);
  const { status, headers, text } = await wrong();
  expect(status).toBe(429);
  expect(Number(headers['retry-after'])).toBeGreaterThan(50);
  expect(JSON.parse(text).error).toContain('Too many wrong bearer tokens');
  expect((await ask('/page', { headers: bearer(TOKENS.reader) })).status).toBe(200);
});

test('ordinary pages are not limited', async () => {
  const { ask } = await startServer({ env: ACCOUNTS });
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask('/page', { headers: bearer(TOKENS.reader) })));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
});
