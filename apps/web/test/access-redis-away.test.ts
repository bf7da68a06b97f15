import { startPrivateRedis } from '@taskwire/testing';
import { expect, onTestFinished, test } from 'vitest';
import { ACCOUNTS, bearer, PASSWORD, startServer, TOKENS } from './access-server.ts';

/** A server with a login, whose Redis then freezes or dies. */
async function setUp(fate: 'SIGSTOP' | 'SIGKILL') {
  const redis = await startPrivateRedis();
  onTestFinished(() => redis[Symbol.asyncDispose]());
  const server = await startServer({ env: ACCOUNTS, redisUrl: redis.url });
  const who = await server.cookieOf('ada');
  redis.process.kill(fate);
  return { ...server, who, thaw: () => redis.process.kill('SIGCONT') };
}

/** Redis is given 2 s; the rest is for a busy machine. The connection itself would wait without end. */
const SOON_MS = 8000;

async function timed<T>(asking: Promise<T>): Promise<T> {
  const askedAt = performance.now();
  const answer = await asking;
  expect(performance.now() - askedAt).toBeLessThan(SOON_MS);
  return answer;
}

test.each(['SIGSTOP', 'SIGKILL'] as const)('says so soon when Redis does not answer (%s)', async (fate) => {
  const { ask, logIn, who } = await setUp(fate);
  const [page, html, loginPage, login, logout] = await timed(
    Promise.all([
      ask('/page', { headers: who }),
      ask('/page', { headers: { ...who, accept: 'text/html' } }),
      ask('/login', { headers: who }),
      logIn({ username: 'ada', password: PASSWORD }),
      ask('/logout', { method: 'POST', headers: who }),
    ]),
  );
  for (const answer of [page, html, loginPage, login, logout]) {
    expect(answer.status).toBe(503);
    expect(answer.text).toContain('Redis');
    expect(answer.headers['retry-after']).toBe('5');
  }
  expect(JSON.parse(page.text)).toEqual({ error: expect.stringContaining('Try again') });
  expect(html.headers['content-type']).toContain('text/html');
  expect(login.headers['set-cookie']).toBeUndefined();
});

test('who needs no Redis is served, and who watches is not sent away', async () => {
  const { ask, who } = await setUp('SIGSTOP');
  expect((await ask('/page', { headers: bearer(TOKENS.reader) })).status).toBe(200);
  expect((await ask('/open')).status).toBe(200);
  expect((await ask('/login')).status).toBe(200);
  expect((await timed(ask('/welcome', { headers: who }))).text).toBe('true');
});

test('when Redis answers again, the logins are there', async () => {
  const { ask, who, thaw } = await setUp('SIGSTOP');
  expect((await ask('/page', { headers: who })).status).toBe(503);
  thaw();
  expect((await ask('/page', { headers: who })).status).toBe(200);
});

test('a Redis that refuses to keep a login is no reason to fail without a word', async () => {
  const redis = await startPrivateRedis();
  onTestFinished(() => redis[Symbol.asyncDispose]());
  const { logIn, log } = await startServer({ env: ACCOUNTS, redisUrl: redis.url });
  await redis.command('CONFIG', 'SET', 'maxmemory', '1');
  const { status } = await logIn({ username: 'ada', password: PASSWORD });
  expect(status).toBe(503);
  expect(log).toMatchObject([
    { err: { message: expect.stringContaining('OOM') }, msg: 'Redis does not keep the logins' },
  ]);
});
