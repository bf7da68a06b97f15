import type { FastifyInstance } from 'fastify';

const FOREIGN_FONTS = /<link href="https:\/\/fonts\.googleapis\.com[^>]*>/;

/** Takes out of Bull Board's page what it would load from elsewhere: fonts, for which the system's do as well. */
export function keepToOurselves(scope: FastifyInstance): void {
  scope.addHook('onSend', async (_request, reply, payload) => {
    const isPage = typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html');
    return isPage ? payload.replace(FOREIGN_FONTS, '') : payload;
  });
}
