import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ApiServer, bearer, startApi, TOKENS, WITH_TOKENS } from './api-server.ts';
import { hasBrowser, sharedBrowser } from './browser.ts';

const SECRET = 'a secret of at least 32 characters';
const reverse = { task_type: 'reverse_string', parameters: { text: 'abc' } };

let api: ApiServer;
/** A page of another site, which is named in web.cors_origins; by its other name it is not. */
const site = createServer((_request, response) => response.setHeader('content-type', 'text/html').end('<p>A page'));
let named: string;
let unnamed: string;

beforeAll(async () => {
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  const { port } = site.address() as AddressInfo;
  [named, unnamed] = [`http://app.localhost:${port}`, `http://evil.localhost:${port}`];
  const env = { TASKWIRE_WEB_SIGNING_SECRET: SECRET, TASKWIRE_WEB_CORS_ORIGINS: named };
  api = await startApi({ env: { ...WITH_TOKENS, ...env } });
});

afterAll(async () => {
  site.close();
  await api?.[Symbol.asyncDispose]();
});

function signed(taskId: string, what: 'events' | 'result', expires = Math.floor(Date.now() / 1000) + 60): string {
  const signature = createHmac('sha256', SECRET).update(`${taskId}\n${expires}`).digest('hex');
  return `/tasks/${taskId}/${what}?expires=${expires}&signature=${signature}`;
}

async function delayed(delay_ms = 60_000): Promise<string> {
  return (await api.submit({ ...reverse, delay_ms }, bearer('publisher'))).body.task_id;
}

test('a signed address shows one task to whoever has it, until it expires', async () => {
  const taskId = await delayed();
  expect(await api.ask('GET', signed(taskId, 'result'))).toMatchObject({ status: 202, body: { status: 'delayed' } });
  const other = await delayed();
  for (const [path, why] of [
    [signed(taskId, 'result').replace(taskId, other), 'signature'],
    [signed(taskId, 'result').replace(/.$/, (last) => (last === '0' ? '1' : '0')), 'signature'],
    [signed(taskId, 'result').replace(/expires=\d+/, 'expires=99999999999'), 'signature'],
    [signed(taskId, 'result').replace(/signature=.*/, 'signature='), 'signature'],
    [signed(taskId, 'events', Math.floor(Date.now() / 1000) - 1), 'expired'],
  ] as const) {
    const { status, body } = await api.ask('GET', path);
    expect({ status, body }).toMatchObject({ status: 403, body: { detail: expect.stringContaining(why) } });
  }
  // It opens nothing else.
  const [, query] = signed(taskId, 'events').split('?');
  for (const path of ['', '/file']) expect((await api.ask('GET', `/tasks/${taskId}${path}?${query}`)).status).toBe(401);
  expect((await api.ask('DELETE', `/tasks/${taskId}?${query}`)).status).toBe(401);
  expect((await api.ask('GET', `/events?${query}`)).status).toBe(401);
});

test('without a secret a signed address is refused by the name of the setting', async () => {
  await using without = await startApi({ services: ['web'] });
  const { body } = await without.submit(reverse);
  expect(await without.ask('GET', signed(body.task_id, 'result'))).toMatchObject({
    status: 403,
    body: { detail: expect.stringContaining('web.signing_secret') },
  });
});

test.skipIf(!hasBrowser)('in a browser, a page of any site follows its task by a signed address', async () => {
  await using page = await (await sharedBrowser()).newPage();
  await page.goto(unnamed);
  const address = api.url + signed(await delayed(1500), 'events');
  const heard = await page.evaluate(
    (url) =>
      new Promise((resolve) => {
        const events = new EventSource(url);
        const names: string[] = [];
        for (const name of ['task', 'started', 'result']) events.addEventListener(name, () => names.push(name));
        // The browser comes again when the stream ends, and is told to stay away.
        events.onerror = () => events.readyState === EventSource.CLOSED && resolve(names);
      }),
    address,
  );
  expect(heard).toEqual(['task', 'started', 'result']);
});

test.skipIf(!hasBrowser)(
  'in a browser, a page of a named site uses the API with a token, and others cannot',
  async () => {
    await using page = await (await sharedBrowser()).newPage();
    const submit = () =>
      page.evaluate(
        async ({ url, token, body }) => {
          const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', prefer: 'wait=10' };
          const answer = await fetch(`${url}/tasks`, { method: 'POST', headers, body });
          return {
            result: ((await answer.json()) as { result: unknown }).result,
            location: answer.headers.get('location'),
          };
        },
        { url: api.url, token: TOKENS.publisher, body: JSON.stringify(reverse) },
      );
    await page.goto(named);
    expect(await submit()).toEqual({ result: { reversed_text: 'cba' }, location: expect.any(String) });
    await page.goto(unnamed);
    await expect(submit()).rejects.toThrow('Failed to fetch');
  },
);

test('a named site needs a token, never a cookie, and nothing but the API is open to it', async () => {
  const headers = { origin: named, 'sec-fetch-site': 'cross-site' };
  expect(
    (await api.ask('POST', '/tasks/a/retry', { headers: { ...headers, cookie: 'taskwire_session=a' } })).status,
  ).toBe(403);
  const preflight = { ...headers, 'access-control-request-method': 'POST' };
  const page = await fetch(`${new URL(api.url).origin}/api/status`, { method: 'OPTIONS', headers: preflight });
  expect(page.status).toBe(403);
  expect(page.headers.get('access-control-allow-origin')).toBeNull();
  const answer = await api.ask('GET', '/task-types', { headers: { ...headers, ...bearer('viewer') } });
  expect(answer.headers.get('access-control-allow-origin')).toBe(named);
  expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
});

test('without login, a named site may do what a publisher may, and others nothing', async () => {
  await using open = await startApi({ services: ['web'], env: { TASKWIRE_WEB_CORS_ORIGINS: named } });
  const from = (origin: string) => open.submit(reverse, { origin, 'sec-fetch-site': 'cross-site' });
  expect((await from(named)).status).toBe(202);
  expect((await from(unnamed)).status).toBe(403);
  const headers = { origin: named, 'sec-fetch-site': 'cross-site' };
  const forget = await open.ask('POST', '/forget', { headers, body: { user: 7 } });
  expect(forget).toMatchObject({ status: 403, body: { detail: expect.stringContaining(`${named} is a publisher`) } });
  expect((await open.ask('POST', '/forget', { body: { user: 7 } })).status).not.toBe(403);
});
