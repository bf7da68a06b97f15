import type { FastifyRequest } from 'fastify';

/**
 * Whether a page of another site may have caused the request, with the cookies or the place in the network of its reader.
 *
 * Browsers say so in `Sec-Fetch-Site`, but only to https and loopback addresses; in `Origin` always, except for reads.
 * Programs send neither.
 */
export function isCrossSite(request: FastifyRequest): boolean {
  const { 'sec-fetch-site': site, 'sec-fetch-mode': mode, origin } = request.headers;
  // Following a link is fine: the page with the link gets nothing of the answer.
  if (isRead(request.method)) return site === 'cross-site' && mode !== 'navigate';
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  return origin !== undefined && !isOwnOrigin(origin, request.host);
}

export function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

function isOwnOrigin(origin: string, host: string): boolean {
  try {
    const { protocol, host: originHost } = new URL(origin);
    // Through URL, because Host may name the default port, and Origin does not.
    return new URL(`${protocol}//${host}`).host === originHost;
  } catch {
    return false;
  }
}
