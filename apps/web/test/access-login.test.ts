import { createHash } from 'node:crypto';
import { hashPassword } from '@taskwire/config';
import { sessionKey } from '@taskwire/protocol';
import { expect, test, vi } from 'vitest';
import { ACCOUNTS, PASSWORD, PASSWORD_HASH, sentBack, startServer } from './access-server.ts';

const PAGE = { accept: 'text/html,application/xhtml+xml' };

test('a person without login is led to the login page, and from there to where they wanted to go', async () => {
  const { ask, logIn } = await startServer({ env: ACCOUNTS });
  const refused = await ask('/page?a=1&b=%2F', { headers: PAGE });
  expect(refused.status).toBe(302);
  expect(refused.headers.location).toBe('/login?next=%2Fpage%3Fa%3D1%26b%3D%252F');
  const page = await ask(refused.headers.location ?? '');
  expect(page.status).toBe(200);
  expect(page.headers).toMatchObject({ 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  expect(page.text).toContain('name="next" value="/page?a=1&#38;b=%2F"');
  const login = await logIn({ username: 'ada', password: PASSWORD, next: '/page?a=1&b=%2F' });
  expect(login.status).toBe(303);
  expect(login.headers.location).toBe('/page?a=1&b=%2F');
  const { status, text } = await ask('/page', { headers: { ...PAGE, cookie: sentBack(login) } });
  expect(status).toBe(200);
  expect(JSON.parse(text)).toEqual({ visitor: { name: 'ada', role: 'operator' } });
});

test('a program without login gets 401, and so does whoever acts', async () => {
  const { ask } = await startServer({ env: ACCOUNTS });
  for (const [path, question] of [
    ['/page', {}],
    ['/not-there', {}],
    ['/page', { method: 'HEAD', headers: PAGE }],
    ['/action', { method: 'POST', headers: PAGE }],
  ] as const) {
    const { status, headers, text } = await ask(path, question);
    expect({ path, status, scheme: headers['www-authenticate'] }).toEqual({ path, status: 401, scheme: 'Bearer' });
    if (text) expect(JSON.parse(text)).toEqual({ error: expect.stringContaining('/login') });
  }
});

test('an open route asks nobody, and knows nobody', async () => {
  const { ask, cookieOf } = await startServer({ env: ACCOUNTS });
  expect(JSON.parse((await ask('/open')).text)).toEqual({ visitor: null });
  expect(JSON.parse((await ask('/open', { headers: await cookieOf('ada') })).text)).toEqual({ visitor: null });
});

test('the cookie is for this server alone, out of reach of scripts and of other sites', async () => {
  const { logIn } = await startServer({ env: { ...ACCOUNTS, TASKWIRE_WEB_SESSION_HOURS: '2' } });
  const { headers } = await logIn({ username: 'ada', password: PASSWORD });
  const [value, ...attributes] = headers['set-cookie']?.[0]?.split('; ') ?? [];
  expect(value).toMatch(/^taskwire_session=[\w-]{43}$/);
  expect(attributes.toSorted()).toEqual(['HttpOnly', 'Max-Age=7200', 'Path=/', 'SameSite=Strict']);
});

test('behind a proxy that is trusted and speaks https, the cookie is for https alone', async () => {
  const https = { 'x-forwarded-proto': 'https' };
  const form = { username: 'ada', password: PASSWORD };
  const trusting = await startServer({ env: { ...ACCOUNTS, TASKWIRE_WEB_TRUST_PROXY: 'true' } });
  expect((await trusting.logIn(form, https)).headers['set-cookie']?.[0]).toContain('; Secure');
  expect((await trusting.logIn(form)).headers['set-cookie']?.[0]).not.toContain('Secure');
  const untrusting = await startServer({ env: ACCOUNTS });
  expect((await untrusting.logIn(form, https)).headers['set-cookie']?.[0]).not.toContain('Secure');
});

test('Redis holds who logged in, under a hash of the cookie, and forgets it in time', async () => {
  const { cookieOf, redis, keyPrefix } = await startServer({
    env: { ...ACCOUNTS, TASKWIRE_WEB_SESSION_HOURS: '2' },
  });
  const token = (await cookieOf('ada')).cookie.replace('taskwire_session=', '');
  const keys = await redis.keys(`${keyPrefix.replace(/[{}]/g, '?')}*`);
  const key = sessionKey(keyPrefix, createHash('sha256').update(token).digest('base64url'));
  expect(keys).toEqual([key]);
  expect(JSON.parse((await redis.get(key)) ?? '')).toEqual({
    user: 'ada',
    fingerprint: expect.stringMatching(/^[\w-]{43}$/),
  });
  expect(await redis.ttl(key)).toBeGreaterThan(7100);
  expect(await redis.ttl(key)).toBeLessThanOrEqual(7200);
});

test('asks Redis once for a page, and not at all for what is open, for a token or for a made-up cookie', async () => {
  const { ask, cookieOf, redis } = await startServer({ env: ACCOUNTS });
  const who = await cookieOf('ada');
  const sent = vi.spyOn(redis, 'sendCommand');
  const count = async (path: string, headers: Record<string, string>) => {
    sent.mockClear();
    await ask(path, { headers });
    return sent.mock.calls.length;
  };
  expect(await count('/page', who)).toBe(1);
  expect(await count('/open', who)).toBe(0);
  expect(await count('/page', { authorization: 'Bearer token-of-the-reader' })).toBe(0);
  expect(await count('/page', { cookie: 'taskwire_session=made-up' })).toBe(0);
});

test.each([
  ['wrong password', { username: 'ada', password: 'wrong horse' }],
  ['a name that nobody has', { username: 'mallory', password: PASSWORD }],
  ['a name that all objects know', { username: 'constructor', password: PASSWORD }],
  ['a name in other letters', { username: 'Ada', password: PASSWORD }],
])('with %s the login page comes again, and says the same', async (_, form) => {
  const known = form.username === 'ada';
  const { logIn, log } = await startServer({ env: ACCOUNTS });
  const { status, headers, text } = await logIn({ ...form, next: '/page' });
  expect(status).toBe(401);
  expect(headers['set-cookie']).toBeUndefined();
  expect(headers['www-authenticate']).toBe('Bearer');
  expect(text).toMatch(/role="alert">Name or password is wrong\.</);
  expect(text).toContain('name="next" value="/page"');
  expect(text).toContain(`name="username" value="${form.username}"`);
  expect(text).not.toContain(form.password);
  expect(log).toMatchObject([{ address: '127.0.0.1', msg: expect.stringContaining('login refused') }]);
  expect(log[0]).toEqual(expect.objectContaining(known ? { user: 'ada' } : {}));
  if (!known) expect(JSON.stringify(log)).not.toContain(form.username);
});

test.each([
  [{}],
  [{ username: 'ada' }],
  [{ password: PASSWORD }],
  [{ username: 'ada', password: '' }],
  [{ username: 'a'.repeat(65), password: PASSWORD }],
])('asks for name and password when it gets %j', async (form) => {
  const { logIn } = await startServer({ env: ACCOUNTS });
  const { status, text } = await logIn(form as Record<string, string>);
  expect(status).toBe(400);
  expect(text).toContain('Type a name and a password.');
});

test.each(['application/x-www-form-urlencoded', 'application/json'])(
  'takes no large %s from strangers',
  async (type) => {
    const { ask } = await startServer({ env: ACCOUNTS });
    const body = JSON.stringify({ username: 'ada', password: 'x'.repeat(20_000) });
    expect((await ask('/login', { method: 'POST', headers: { 'content-type': type }, body })).status).toBe(413);
  },
);

test('what was typed comes back as text, never as HTML', async () => {
  const { logIn, ask } = await startServer({ env: ACCOUNTS });
  const { text } = await logIn({ username: '"><script>alert(1)</script>', password: 'x', next: '/"><script>' });
  expect(text).not.toMatch(/<script/);
  expect((await ask('/login?next=/"><script>')).text).not.toMatch(/<script/);
});

test.each(['//evil.example', '/\\evil.example', 'https://evil.example', '/%09/evil.example\t', '/\t/evil.example'])(
  'the login does not lead to %j',
  async (next) => {
    const { logIn, ask } = await startServer({ env: ACCOUNTS });
    const login = await logIn({ username: 'ada', password: PASSWORD, next });
    expect(login.headers.location).toBe('/');
    const page = await ask(`/login?next=${encodeURIComponent(next)}`, { headers: { cookie: sentBack(login) } });
    expect(page.headers.location).toBe('/');
  },
);

test('whoever is logged in is not asked again', async () => {
  const { ask, cookieOf } = await startServer({ env: ACCOUNTS });
  const { status, headers } = await ask('/login?next=/page', { headers: await cookieOf('ada') });
  expect({ status, location: headers.location }).toEqual({ status: 302, location: '/page' });
});

test('whoever follows a link on another site, without the cookie at first, is asked again from our own page', async () => {
  const { ask } = await startServer({ env: ACCOUNTS });
  const linked = { ...PAGE, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
  const { headers } = await ask('/login?next=%2Fpage%3Fa%3D1', { headers: linked });
  expect(headers.refresh).toBe('0; url=/login?next=%2Fpage%3Fa%3D1');
  const again = await ask('/login', { headers: { ...linked, 'sec-fetch-site': 'same-origin' } });
  expect(again.headers.refresh).toBeUndefined();
});

test('after the logout the cookie is void, in the browser and here', async () => {
  const { ask, cookieOf, redis, keyPrefix } = await startServer({ env: ACCOUNTS });
  const who = await cookieOf('ada');
  expect((await ask('/welcome', { headers: who })).text).toBe('true');
  const { status, headers } = await ask('/logout', { method: 'POST', headers: who });
  expect({ status, location: headers.location }).toEqual({ status: 303, location: '/login' });
  expect(headers['set-cookie']?.[0]).toMatch(/^taskwire_session=; Max-Age=0; Path=\/; .*SameSite=Strict/);
  expect((await ask('/page', { headers: who })).status).toBe(401);
  expect((await ask('/welcome', { headers: who })).text).toBe('false');
  expect(await redis.keys(`${keyPrefix.replace(/[{}]/g, '?')}*`)).toEqual([]);
});

test('another start keeps the logins, with the roles of then; but not of users who are gone or have another password', async () => {
  const { cookieOf, keyPrefix } = await startServer({ env: ACCOUNTS });
  const [ada, vic] = [await cookieOf('ada'), await cookieOf('vic')];
  const restarted = async (users: object) =>
    startServer({ keyPrefix, env: { TASKWIRE_WEB_USERS: JSON.stringify(users) } });

  const demoted = await restarted({ ada: { password_hash: PASSWORD_HASH, role: 'viewer' } });
  expect(JSON.parse((await demoted.ask('/page', { headers: ada })).text)).toEqual({
    visitor: { name: 'ada', role: 'viewer' },
  });
  expect((await demoted.ask('/page', { headers: vic })).status).toBe(401);

  const other = await restarted({ ada: { password_hash: await hashPassword(PASSWORD), role: 'operator' } });
  expect((await other.ask('/page', { headers: ada })).status).toBe(401);
});

test('junk in the place of a login is no login', async () => {
  const { ask, cookieOf, redis, keyPrefix } = await startServer({ env: ACCOUNTS });
  const who = await cookieOf('ada');
  const [key] = await redis.keys(`${keyPrefix.replace(/[{}]/g, '?')}*`);
  for (const junk of ['', 'null', '{}', '[', '{"user":"ada"}']) {
    await redis.set(key ?? '', junk);
    expect({ junk, status: (await ask('/page', { headers: who })).status }).toEqual({ junk, status: 401 });
  }
});
