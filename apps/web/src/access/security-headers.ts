import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

/** Makes browsers load nothing from elsewhere, show us in no frame, and tell nobody where they have been. */
export async function registerSecurityHeaders(server: FastifyInstance): Promise<void> {
  await server.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'self'"],
        // The editor of Bull Board underlines faults with images of its own.
        'img-src': ["'self'", 'data:'],
        // Bull Board has style attributes in its page and sets more.
        'style-src': ["'self'", "'unsafe-inline'"],
        'object-src': ["'none'"],
        'base-uri': ["'self'"],
        'form-action': ["'self'"],
        'frame-ancestors': ["'none'"],
      },
    },
    referrerPolicy: { policy: 'same-origin' },
    frameguard: { action: 'deny' },
    // We speak plain http; https, and so this promise, belongs to a proxy in front.
    strictTransportSecurity: false,
    // Over plain http, browsers ignore these two and complain about them on every page.
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
  });
}
