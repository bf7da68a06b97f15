import { describe, expect, test } from 'vitest';
import { ACCOUNTS, bearer, startServer, TOKENS } from './access-server.ts';

const HOST = 'localhost:7878';

/** Headers that tell where a request comes from, and the status of its answer. */
const actions: [Record<string, string>, number][] = [
  [{ 'sec-fetch-site': 'same-origin' }, 200],
  [{ 'sec-fetch-site': 'none' }, 200],
  [{ 'sec-fetch-site': 'same-site' }, 403],
  [{ 'sec-fetch-site': 'cross-site' }, 403],
  [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 403],
  [{ 'sec-fetch-site': 'cross-site', origin: `http://${HOST}` }, 403],
  [{}, 200],
  [{ origin: `http://${HOST}` }, 200],
  [{ origin: 'http://LOCALHOST:7878' }, 200],
  [{ origin: 'https://localhost', host: 'localhost:443' }, 200],
  [{ origin: 'http://localhost:3000' }, 403],
  [{ origin: 'http://evil.example' }, 403],
  [{ origin: `http://${HOST}.evil.example` }, 403],
  [{ origin: 'null' }, 403],
  [{ origin: '' }, 403],
];

const reads: [Record<string, string>, number][] = [
  [{}, 200],
  [{ 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' }, 200],
  [{ 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' }, 200],
  [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }, 200],
  [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }, 403],
  [{ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }, 403],
  [{ 'sec-fetch-site': 'cross-site' }, 403],
];

describe.each([
  ['without login', {}],
  ['with login', ACCOUNTS],
])('%s', (_, env) => {
  test('an action is taken from our own pages and from programs alone', async () => {
    const { ask, cookieOf } = await startServer({ env });
    const who = env === ACCOUNTS ? await cookieOf('ada') : {};
    for (const [headers, expected] of actions) {
      const { status } = await ask('/action', { method: 'POST', headers: { host: HOST, ...who, ...headers } });
      expect({ headers, status }).toEqual({ headers, status: expected });
    }
  });

  test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    '%s counts as an action, whether there is such a route or not',
    async (method) => {
      const { ask, cookieOf } = await startServer({ env });
      const who = env === ACCOUNTS ? await cookieOf('ada') : {};
      const { status, text } = await ask('/page', { method, headers: { ...who, 'sec-fetch-site': 'cross-site' } });
      expect(status).toBe(403);
      expect(JSON.parse(text).error).toContain('comes from another site');
      expect((await ask('/page', { method, headers: who })).status).toBe(404);
    },
  );

  test('other sites may link to us, but not read or embed anything', async () => {
    const { ask, cookieOf } = await startServer({ env });
    const who = env === ACCOUNTS ? await cookieOf('ada') : {};
    for (const [headers, expected] of reads) {
      const { status } = await ask('/page', { headers: { host: HOST, ...who, ...headers } });
      expect({ headers, status }).toEqual({ headers, status: expected });
    }
  });
});

test('nobody is logged in or out by another site', async () => {
  const { logIn, ask, cookieOf } = await startServer({ env: ACCOUNTS });
  const foreign = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
  const { status, headers } = await logIn({ username: 'ada', password: 'x' }, foreign);
  expect(status).toBe(403);
  expect(headers['set-cookie']).toBeUndefined();
  const who = await cookieOf('ada');
  expect((await ask('/logout', { method: 'POST', headers: { ...who, ...foreign } })).status).toBe(403);
  expect((await ask('/page', { headers: who })).status).toBe(200);
});

test('a program with a token may act from wherever, but not along with the cookie of a browser', async () => {
  const { ask, cookieOf } = await startServer({ env: ACCOUNTS });
  const foreign = { ...bearer(TOKENS.writer), 'sec-fetch-site': 'cross-site' };
  expect((await ask('/action', { method: 'POST', headers: foreign })).status).toBe(200);
  expect((await ask('/page', { headers: foreign })).status).toBe(200);
  const both = { ...foreign, ...(await cookieOf('ada')) };
  expect((await ask('/action', { method: 'POST', headers: both })).status).toBe(403);
  const wrong = { ...bearer('wrong'), 'sec-fetch-site': 'cross-site' };
  expect((await ask('/action', { method: 'POST', headers: wrong })).status).toBe(403);
});

test('behind a proxy that is trusted, our own origin is the one that the browser saw', async () => {
  const env = { ...ACCOUNTS, TASKWIRE_WEB_TRUST_PROXY: 'true' };
  const { ask, cookieOf } = await startServer({ env });
  const headers = {
    ...(await cookieOf('ada')),
    origin: 'https://tasks.example.org',
    'x-forwarded-host': 'tasks.example.org',
  };
  expect((await ask('/action', { method: 'POST', headers })).status).toBe(200);
  const untrusting = await startServer({ env: ACCOUNTS });
  const { cookie } = await untrusting.cookieOf('ada');
  expect((await untrusting.ask('/action', { method: 'POST', headers: { ...headers, cookie } })).status).toBe(403);
});
