import type { WebConfig } from '@taskwire/config';

/**
 * Whose word about the client counts, for Fastify's option `trustProxy`: that of the one proxy that connects to us, if there is
 * one. What stands further left in X-Forwarded-For may be made up by the client, to get round the limit of logins.
 */
export function trustedProxy({ trust_proxy }: WebConfig): false | ((address: string, hop: number) => boolean) {
  return trust_proxy && ((_address, hop) => hop === 0);
}
