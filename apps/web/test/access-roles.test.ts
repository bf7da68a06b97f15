import { expect, test } from 'vitest';
import { ACCOUNTS, bearer, startServer, TOKENS } from './access-server.ts';

/** A request, and what a viewer and an operator get for it. */
const questions = [
  ['GET', '/page', 200, 200],
  ['HEAD', '/page', 200, 200],
  ['POST', '/action', 403, 200],
  ['GET', '/secret', 403, 200],
  ['HEAD', '/secret', 403, 200],
  ['POST', '/question', 200, 200],
  ['GET', '/not-there', 404, 404],
  ['DELETE', '/not-there', 403, 404],
] as const;

test.each(questions)('%s %s gives a viewer %i and an operator %i', async (method, path, viewer, operator) => {
  const { ask, cookieOf } = await startServer({ env: ACCOUNTS });
  expect((await ask(path, { method, headers: await cookieOf('vic') })).status).toBe(viewer);
  expect((await ask(path, { method, headers: bearer(TOKENS.reader) })).status).toBe(viewer);
  expect((await ask(path, { method, headers: await cookieOf('ada') })).status).toBe(operator);
  expect((await ask(path, { method, headers: bearer(TOKENS.writer) })).status).toBe(operator);
});

test('a viewer is told in a sentence which role it takes', async () => {
  const { ask, cookieOf } = await startServer({ env: ACCOUNTS });
  const { text, headers } = await ask('/action', { method: 'POST', headers: await cookieOf('vic') });
  expect(headers['content-type']).toContain('application/json');
  expect(JSON.parse(text)).toEqual({
    error: expect.stringMatching(/^vic may only look; .*operator.*web\.users/),
  });
});

test.each([
  ['logged in', ACCOUNTS],
  ['without login', {}],
])('read_only makes operators viewers, %s', async (_how, accounts) => {
  const { ask, cookieOf } = await startServer({ env: { ...accounts, TASKWIRE_WEB_READ_ONLY: 'true' } });
  const headers = accounts === ACCOUNTS ? await cookieOf('ada') : { host: 'localhost' };
  expect(JSON.parse((await ask('/page', { headers })).text).visitor.role).toBe('viewer');
  const { status, text } = await ask('/action', { method: 'POST', headers });
  expect(status).toBe(403);
  expect(text).toContain('web.read_only');
});

test('a program is known by the name of its token', async () => {
  const { ask } = await startServer({ env: ACCOUNTS });
  expect(JSON.parse((await ask('/page', { headers: bearer(TOKENS.reader) })).text)).toEqual({
    visitor: { name: 'reader', role: 'viewer' },
  });
  expect((await ask('/page', { headers: { authorization: `bearer  ${TOKENS.reader}` } })).status).toBe(200);
});

test('a wrong token is refused, also to a browser and along with a good cookie', async () => {
  const { ask, cookieOf } = await startServer({ env: ACCOUNTS });
  const headers = { ...(await cookieOf('ada')), ...bearer(`${TOKENS.reader}x`), accept: 'text/html' };
  const { status, headers: answered } = await ask('/page', { headers });
  expect(status).toBe(401);
  expect(answered['www-authenticate']).toBe('Bearer error="invalid_token"');
});

test('the hash of a token is no token', async () => {
  const { ask } = await startServer({ env: ACCOUNTS });
  const { token_hash } = JSON.parse(ACCOUNTS.TASKWIRE_WEB_TOKENS).reader;
  expect((await ask('/page', { headers: bearer(token_hash) })).status).toBe(401);
});

test('credentials of another scheme, as a proxy in front may ask for them, do not stand in the way of the cookie', async () => {
  const { ask, cookieOf } = await startServer({ env: ACCOUNTS });
  const headers = { ...(await cookieOf('ada')), authorization: 'Basic YWRhOng=' };
  expect((await ask('/page', { headers })).status).toBe(200);
});

test('where only programs may ask, the login page says so', async () => {
  const { TASKWIRE_WEB_TOKENS } = ACCOUNTS;
  const { ask, logIn } = await startServer({ env: { TASKWIRE_WEB_TOKENS } });
  expect((await ask('/page')).status).toBe(401);
  expect((await ask('/login')).text).toContain('Nobody can log in yet');
  expect((await logIn({ username: 'reader', password: TOKENS.reader })).status).toBe(401);
});
