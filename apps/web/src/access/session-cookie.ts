import { fastifyCookie } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

const NAME = 'taskwire_session';

export function sessionCookieOf({ headers }: FastifyRequest): string | undefined {
  return headers.cookie === undefined ? undefined : fastifyCookie.parse(headers.cookie)[NAME];
}

export function setSessionCookie(reply: FastifyReply, token: string, hours: number): void {
  void reply.setCookie(NAME, token, { ...attributes(reply), maxAge: hours * 3600 });
}

export function clearSessionCookie(reply: FastifyReply): void {
  void reply.clearCookie(NAME, attributes(reply));
}

function attributes({ request }: FastifyReply) {
  return { path: '/', httpOnly: true, sameSite: 'strict', secure: request.protocol === 'https' } as const;
}
