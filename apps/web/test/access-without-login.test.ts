import { expect, test } from 'vitest';
import { startServer } from './access-server.ts';

test('a name that another site may have given to 127.0.0.1 is refused, with the setting that helps', async () => {
  const { ask, port } = await startServer();
  for (const path of ['/page', '/open', '/login', '/not-there']) {
    const { status, text } = await ask(path, { headers: { host: `evil.example:${port}` } });
    expect({ path, status }).toEqual({ path, status: 403 });
    expect(JSON.parse(text).error).toContain('web.allowed_hosts');
  }
});

test('a name in web.allowed_hosts, and that of web.host, is let in', async () => {
  const { ask } = await startServer({ env: { TASKWIRE_WEB_ALLOWED_HOSTS: 'tasks.example.org' } });
  expect((await ask('/page', { headers: { host: 'tasks.example.org' } })).status).toBe(200);
  expect((await ask('/page', { headers: { host: 'localhost:1' } })).status).toBe(200);
});

test('what a page can write into headers does not stand in for Host', async () => {
  const { ask } = await startServer({ env: { TASKWIRE_WEB_TRUST_PROXY: 'true' } });
  const headers = { host: 'evil.example', 'x-forwarded-host': 'localhost' };
  expect((await ask('/page', { headers })).status).toBe(403);
});

test('there is no login page, and no logout', async () => {
  const { ask } = await startServer();
  const { status, headers } = await ask('/login?next=/board');
  expect({ status, location: headers.location }).toEqual({ status: 302, location: '/board' });
  expect((await ask('/logout', { method: 'POST' })).status).toBe(404);
});

test('read_only makes everybody a viewer', async () => {
  const { ask } = await startServer({ env: { TASKWIRE_WEB_READ_ONLY: 'true' } });
  expect((await ask('/page')).status).toBe(200);
  const { status, text } = await ask('/action', { method: 'POST' });
  expect(status).toBe(403);
  expect(JSON.parse(text).error).toContain('web.read_only');
});
