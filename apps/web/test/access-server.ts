import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { loadConfig, privateEnvironment, tokenHashOf } from '@taskwire/config';
import { connect } from '@taskwire/redis';
import fastify from 'fastify';
import { pino } from 'pino';
import { inject, onTestFinished } from 'vitest';
import { type Access, registerAccess, trustedProxy } from '../src/access/access.ts';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

export interface Question {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

export const PASSWORD = 'correct horse';
/** At the lowest cost allowed. */
export const PASSWORD_HASH = 'scrypt:32768:8:2:c2FsdCBvZiB0aGUgdGVzdHM:6ahvAEyfZcphiSpymfn2tjA1nNn6pz9xV9g9PJi-G4Q';

/** The same, far below that cost: these tests check it hundreds of times. */
const CHEAP_HASH = 'scrypt:1024:8:1:c2FsdCBvZiB0aGUgdGVzdHM:pLrbkp8d88yB1c6o33pVLeGYQxbDYW33KKH6vbbjm6E';

export const TOKENS = { reader: 'token-of-the-reader', writer: 'token-of-the-writer' };

/** Who may ask in most tests: two people and two programs. */
export const ACCOUNTS = {
  TASKWIRE_WEB_USERS: JSON.stringify({
    ada: { password_hash: PASSWORD_HASH, role: 'operator' },
    vic: { password_hash: PASSWORD_HASH, role: 'viewer' },
  }),
  TASKWIRE_WEB_TOKENS: JSON.stringify({
    reader: { token_hash: tokenHashOf(TOKENS.reader), role: 'viewer' },
    writer: { token_hash: tokenHashOf(TOKENS.writer), role: 'operator' },
  }),
};

/** A server behind access control, with a route of each kind, on a free port and with its own keys in Redis. */
export async function startServer({
  env = {},
  redisUrl = inject('redisUrl'),
  keyPrefix = `{test-${randomUUID()}}`,
}: {
  env?: Record<string, string>;
  redisUrl?: string;
  keyPrefix?: string;
} = {}) {
  const config = loadConfig({
    env: privateEnvironment({ REDIS_URL: redisUrl, TASKWIRE_REDIS_KEY_PREFIX: keyPrefix, ...env }),
  });
  const redis = connect({ config: config.redis, role: 'command', name: 'test' });
  const log: { level: number; msg: string }[] = [];
  const logger = pino({ level: 'trace' }, { write: (line) => log.push(JSON.parse(line)) });
  const server = fastify({ trustProxy: trustedProxy(config.web), forceCloseConnections: true });
  onTestFinished(async () => {
    await server.close();
    redis.disconnect();
  });
  const users = Object.entries(config.web.users).map(([name, { password_hash: hash, role }]) => {
    return [name, { password_hash: hash === PASSWORD_HASH ? CHEAP_HASH : hash, role }];
  });
  const web = { ...config.web, users: Object.fromEntries(users) };
  const access: Access = await registerAccess(server, { config: web, keyPrefix, redis, logger });
  server.get('/page', async ({ visitor }) => ({ visitor }));
  server.post('/action', async ({ visitor }) => ({ visitor }));
  server.get('/secret', { config: { role: 'operator' } }, async () => 'secret');
  server.post('/question', { config: { role: 'viewer' } }, async () => 'answer');
  server.get('/open', { config: { open: true } }, async ({ visitor }) => ({ visitor }));
  server.get('/welcome', { config: { open: true } }, async (question) => access.isStillWelcome(question));
  await server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.server.address() as { port: number };

  /** Asks over HTTP, with these headers and Host only. */
  async function ask(path: string, { method = 'GET', headers = {}, body }: Question = {}): Promise<Answer> {
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false });
    asked.end(body);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const chunks = await response.toArray();
    return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() };
  }

  /** Sends the form of the login page. */
  function logIn(fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> {
    return ask('/login', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(fields).toString(),
    });
  }

  /** Logs in, and gives the header that the browser sends from then on. */
  async function cookieOf(username: string, password = PASSWORD): Promise<{ cookie: string }> {
    return { cookie: sentBack(await logIn({ username, password })) };
  }

  return { ask, logIn, cookieOf, redis, keyPrefix, log, port };
}

/** The cookie as a browser sends it back. */
export function sentBack({ headers }: Answer): string {
  return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

export function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` };
}
