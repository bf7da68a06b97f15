import { isIPv6 } from 'node:net';
import type { WebConfig } from '@taskwire/config';
import { isLoopback } from '@taskwire/redis';

/**
 * Whether a dashboard without login may be opened under this name.
 *
 * A web page can point its own name to 127.0.0.1 and then ask us as if we were its own server (DNS rebinding); but it cannot
 * change the name in the request. So this checks what the browser sent, never X-Forwarded-Host.
 *
 * The check takes the header Host; its port is ignored.
 */
export function createHostCheck({ host, allowed_hosts }: WebConfig): (header: string | undefined) => boolean {
  const allowed = new Set([host, ...allowed_hosts].map(nameOf));
  let known: string | undefined;
  return (header = '') => {
    // Most requests in a row name the same.
    if (header === known) return true;
    const name = nameOf(header);
    const isAllowed = allowed.has(name) || isLoopback(name);
    if (isAllowed) known = header;
    return isAllowed;
  };
}

function nameOf(host: string): string {
  if (isIPv6(host)) return host.toLowerCase();
  const name = host.toLowerCase().replace(/:\d*$/, '');
  return name.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}
