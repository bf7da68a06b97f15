import { ConfigError } from '@taskwire/config';
import { expect, test } from 'vitest';
import { createSign } from './webhook-signature.ts';

// The example that the libraries of https://www.standardwebhooks.com are tested with.
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const MESSAGE = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' };
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

test('signs as the libraries of Standard Webhooks do', () => {
  expect(createSign(SECRET)(MESSAGE)).toBe(SIGNATURE);
});

test('takes a secret without the prefix as it is', () => {
  const encoded = `whsec_${Buffer.from('pa55 phrase').toString('base64')}`;
  expect(createSign('pa55 phrase')(MESSAGE)).toBe(createSign(encoded)(MESSAGE));
});

test('refuses a secret that is no base64 after its prefix, without showing it', () => {
  const refused = () => createSign('whsec_not base64!');
  expect(refused).toThrow(ConfigError);
  expect(refused).toThrow(/notify\.webhook_secret: must hold base64 after whsec_/);
  expect(refused).not.toThrow(/not base64!/);
});
