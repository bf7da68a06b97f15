import type { FastifyReply, FastifyRequest } from 'fastify';

const NAME = 'taskwire_session';

export function sessionCookieOf(request: FastifyRequest): string | undefined {
  return request.cookies[NAME];
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
