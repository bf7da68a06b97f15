import { createHmac } from 'node:crypto';
import { ConfigError } from '@taskwire/config';

const BASE64_PREFIX = 'whsec_';

/** Signs what is sent to a webhook; gives the value of the header `webhook-signature`. */
export type Sign = (message: { id: string; timestamp: number; body: string }) => string;

/**
 * Signatures by https://www.standardwebhooks.com, which ready-made libraries check in most languages.
 *
 * @param secret after `whsec_` it is base64; else its own bytes are the key.
 * @throws ConfigError when there is no base64 after `whsec_`.
 */
export function createSign(secret: string): Sign {
  const key = keyOf(secret);
  return ({ id, timestamp, body }) => {
    const mac = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`);
    return `v1,${mac.digest('base64')}`;
  };
}

function keyOf(secret: string): Buffer {
  if (!secret.startsWith(BASE64_PREFIX)) return Buffer.from(secret);
  const encoded = secret.slice(BASE64_PREFIX.length);
  if (/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) return Buffer.from(encoded, 'base64');
  const message = `must hold base64 after ${BASE64_PREFIX}`;
  const fix = 'copy the secret once more, or leave out the prefix of one that is not base64';
  throw new ConfigError('notifications', [{ path: 'notify.webhook_secret', message, fix }]);
}
