import type { FastifyInstance } from 'fastify';
import helmet from 'helmet';
import { isOfApi } from '../api/problem.ts';
import { PAGE_STYLE_HASH } from './page.ts';

const directives = {
  'default-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  // Pages name their style sheets; only the small ones, whose reader may load nothing, bring their own.
  'style-src': ["'self'", `'${PAGE_STYLE_HASH}'`],
  'object-src': ["'none'"],
  'base-uri': ["'self'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
};

/** Of Bull Board's page, which has style attributes and sets more. */
export const boardPolicy = Object.entries({ ...directives, 'style-src': ["'self'", "'unsafe-inline'"] })
  .map(([name, sources]) => `${name} ${sources.join(' ')}`)
  .join(';');

/** For pages: makes browsers load nothing from elsewhere, show us in no frame, and tell nobody where they have been. */
const forPages = helmet({
  contentSecurityPolicy: { useDefaults: false, directives },
  referrerPolicy: { policy: 'same-origin' },
  frameguard: { action: 'deny' },
  // We speak plain http; https, and so this promise, belongs to a proxy in front.
  strictTransportSecurity: false,
  // Over plain http, browsers ignore these two and complain about them on every page.
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
});

export function setSecurityHeaders(server: FastifyInstance): void {
  server.addHook('onRequest', (request, reply, done) => {
    // All of them would take a tenth of the time of a request.
    if (!isOfApi(request)) return forPages(request.raw, reply.raw, () => done());
    reply.header('x-content-type-options', 'nosniff');
    done();
  });
}
