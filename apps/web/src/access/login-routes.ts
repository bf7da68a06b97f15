import cookie from '@fastify/cookie';
import formbody from '@fastify/formbody';
import type { Logger } from '@taskwire/service';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { GuardOptions } from './guard.ts';
import { loginFormOf, nextOf } from './login-form.ts';
import { loginPage } from './login-page.ts';
import { createPasswordCheck } from './password-check.ts';
import { REDIS_AWAY, refuse } from './refuse.ts';
import { clearSessionCookie, sessionCookieOf, setSessionCookie } from './session-cookie.ts';
import type { Sessions } from './sessions.ts';

export interface LoginRoutesOptions extends GuardOptions {
  sessions: Sessions;
  logger: Logger;
}

/** More than any name, password and path together: nobody without login may send more. */
const MAX_FORM_BYTES = 16 * 1024;

/** `GET /login`, `POST /login` and `POST /logout`: for people, by forms that need no JavaScript. */
export async function registerLoginRoutes(server: FastifyInstance, options: LoginRoutesOptions): Promise<void> {
  const { config, accounts, sessions, identify, limits, logger } = options;
  const checkPassword = createPasswordCheck(accounts.users);

  await server.register(cookie, { hook: false });
  await server.register(formbody);

  server.get('/login', { config: { open: true } }, async (request, reply) => {
    const next = nextOf(request.query);
    const identity = await identify(request);
    if (identity.status === 'known') return reply.redirect(next);
    if (identity.status === 'unavailable') return refuse(reply, REDIS_AWAY);
    // A link on another site brings no cookie, which is SameSite=Strict, even from a visitor who is logged in. From this
    // page the browser sends it.
    if (request.headers['sec-fetch-site'] === 'cross-site') {
      reply.header('refresh', `0; url=/login?next=${encodeURIComponent(next)}`);
    }
    return sendPage(reply, loginPage({ accounts, next }));
  });

  server.post('/login', { config: { open: true }, bodyLimit: MAX_FORM_BYTES }, async (request, reply) => {
    const form = loginFormOf(request.body);
    const next = nextOf(request.body);
    const again = (status: number, sentence: string, headers: Record<string, string | number> = {}) =>
      sendPage(reply.code(status).headers(headers), loginPage({ accounts, next, username: form?.username, sentence }));
    const tooOften = (seconds: number, whose: string) =>
      again(429, `Too many attempts ${whose}. Try again in ${seconds} s.`, { 'retry-after': seconds });

    const addressWait = await limits.loginsByAddress(request);
    if (addressWait !== undefined) return tooOften(addressWait, 'from your address');
    if (!form) return again(400, 'Type a name and a password.');
    const nameWait = await limits.loginsByName(request);
    if (nameWait !== undefined) return tooOften(nameWait, 'with this name');

    const { username, password } = form;
    const outcome = await checkPassword(username, password);
    if (outcome.status === 'busy') return again(503, 'Too many people log in at the moment. Try again in a minute.');
    if (outcome.status === 'wrong') {
      // Only a name that exists: people type their password into that field by mistake.
      const user = accounts.users.has(username) ? { user: username } : {};
      logger.warn({ address: request.ip, ...user }, 'login refused: wrong name or password');
      return again(401, 'Name or password is wrong.', { 'www-authenticate': 'Bearer' });
    }
    const session = await sessions.open({ user: username, fingerprint: outcome.user.fingerprint });
    if (session.status === 'unavailable') return again(503, REDIS_AWAY.sentence, REDIS_AWAY.headers);
    // The former login of this browser ends.
    const former = sessionCookieOf(request);
    if (former !== undefined) await sessions.close(former);
    logger.info({ address: request.ip, user: username }, 'logged in');
    setSessionCookie(reply, session.value, config.session_hours);
    return reply.redirect(next, 303);
  });

  server.post('/logout', { config: { open: true }, bodyLimit: MAX_FORM_BYTES }, async (request, reply) => {
    const cookie = sessionCookieOf(request);
    clearSessionCookie(reply);
    const closed = cookie === undefined ? undefined : await sessions.close(cookie);
    return closed?.status === 'unavailable' ? refuse(reply, REDIS_AWAY) : reply.redirect('/login', 303);
  });
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html);
}
