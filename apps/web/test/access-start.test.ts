import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ConfigError, privateEnvironment } from '@taskwire/config';
import { expect, inject, test } from 'vitest';
import { PASSWORD_HASH, startServer } from './access-server.ts';

test.each(['0.0.0.0', '::', '192.168.1.5', 'tasks.example.org'])(
  'does not start on %s while nobody is named, and says what to do',
  async (host) => {
    const error = await startServer({ env: { TASKWIRE_WEB_HOST: host } }).catch((error) => error);
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.code).toBe('invalid_config');
    for (const word of ['web.host', 'web.users', 'taskwire hash-password', 'TASKWIRE_WEB_USERS']) {
      expect(error.message).toContain(word);
    }
    expect(error.message).toContain('TASKWIRE_WEB_GENERATE_PASSWORD');
  },
);

test('the service then ends with the exit code of a fault of the configuration, which no restart mends', async () => {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const env = privateEnvironment({ REDIS_URL: inject('redisUrl'), TASKWIRE_WEB_HOST: '0.0.0.0' });
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'inherit', 'pipe'] });
  const ended = once(child, 'exit');
  const told = Buffer.concat(await child.stderr.toArray()).toString();
  expect((await ended)[0]).toBe(2);
  expect(told).toContain('taskwire hash-password');
  expect(told).not.toMatch(/\n\s+at /);
});

test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])(
  'needs no login on %s: everybody is an operator',
  async (host) => {
    const { ask } = await startServer({ env: { TASKWIRE_WEB_HOST: host } });
    const { status, text } = await ask('/page');
    expect(status).toBe(200);
    expect(JSON.parse(text)).toEqual({ visitor: { name: 'local', role: 'operator' } });
    expect((await ask('/action', { method: 'POST' })).status).toBe(200);
  },
);

test('with a user, needs a login on a loopback address too', async () => {
  const env = { TASKWIRE_WEB_USERS: JSON.stringify({ ada: { password_hash: PASSWORD_HASH } }) };
  const { ask } = await startServer({ env });
  expect((await ask('/page')).status).toBe(401);
});

test.each(['0.0.0.0', '127.0.0.1'])(
  'makes a password on %s where that is asked for, and logs it once',
  async (host) => {
    const env = { TASKWIRE_WEB_HOST: host, TASKWIRE_WEB_GENERATE_PASSWORD: 'true' };
    const { ask, cookieOf, log } = await startServer({ env });
    expect(log).toHaveLength(1);
    const password = log[0]?.msg.match(/as operator with the password (\w{24}) .*taskwire hash-password/)?.[1] ?? '';
    expect((await ask('/page')).status).toBe(401);
    const { text } = await ask('/page', { headers: await cookieOf('operator', password) });
    expect(JSON.parse(text)).toEqual({ visitor: { name: 'operator', role: 'operator' } });
    expect((await ask('/login')).text).toContain('was printed in the dashboard’s log at its start');
    expect(JSON.stringify(log.slice(1))).not.toContain(password);
  },
);

test('makes another password at each start', async () => {
  const env = { TASKWIRE_WEB_GENERATE_PASSWORD: 'true' };
  const [one, other] = await Promise.all([startServer({ env }), startServer({ env })]);
  expect(one.log[0]?.msg).not.toBe(other.log[0]?.msg);
});

test('makes no password where somebody is named', async () => {
  const env = {
    TASKWIRE_WEB_GENERATE_PASSWORD: 'true',
    TASKWIRE_WEB_USERS: JSON.stringify({ ada: { password_hash: PASSWORD_HASH } }),
  };
  const { ask, log, cookieOf } = await startServer({ env });
  expect(log).toEqual([]);
  expect((await ask('/page', { headers: await cookieOf('ada') })).status).toBe(200);
});
