import type { WebConfig } from '@taskwire/config';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isOfApi } from '../api/problem.ts';

const EXPOSED = 'ETag, Location, Preference-Applied, Retry-After';
const PREFLIGHT = {
  'access-control-allow-methods': 'GET, POST, DELETE',
  'access-control-allow-headers': 'Authorization, Content-Type, Idempotency-Key, Last-Event-ID, Prefer',
  'access-control-max-age': 600,
};

/** Whether a page of a site in web.cors_origins asks the HTTP API. */
export function isNamedOrigin(request: FastifyRequest, { cors_origins }: WebConfig): boolean {
  return isOfApi(request) && cors_origins.includes(request.headers.origin ?? '');
}

/**
 * Lets the pages of named sites read what the HTTP API answers, those of any site what a signed address gives; never with
 * cookies.
 *
 * @returns true when the request was only a browser's question whether it may ask: it is answered then.
 */
export function shareWithOrigin(
  request: FastifyRequest,
  reply: FastifyReply,
  { config, isSigned }: { config: WebConfig; isSigned: boolean },
): boolean {
  if (config.cors_origins.length > 0 && isOfApi(request)) void reply.header('vary', 'Origin');
  const isNamed = isNamedOrigin(request, config);
  if (!isNamed && !isSigned) return false;
  void reply.header('access-control-allow-origin', isNamed ? request.headers.origin : '*');
  void reply.header('access-control-expose-headers', EXPOSED);
  if (request.method !== 'OPTIONS') return false;
  void reply.code(204).headers(PREFLIGHT).send();
  return true;
}
