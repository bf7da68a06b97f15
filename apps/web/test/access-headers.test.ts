import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { ACCOUNTS, startServer } from './access-server.ts';

test('every answer, refusals too, forbids what comes from elsewhere and whoever would frame it', async () => {
  const { ask, cookieOf } = await startServer({ env: ACCOUNTS });
  const who = await cookieOf('ada');
  const foreign = { 'sec-fetch-site': 'cross-site' };
  const answers = [
    await ask('/page', { headers: who }),
    await ask('/login'),
    await ask('/page'),
    await ask('/page', { headers: { accept: 'text/html' } }),
    await ask('/page', { headers: foreign }),
    await ask('/not-there', { headers: who }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 401, 302, 403, 404]);
  for (const { headers } of answers) {
    expect(String(headers['content-security-policy']).split(';').toSorted()).toEqual([
      "base-uri 'self'",
      "default-src 'self'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "img-src 'self' data:",
      "object-src 'none'",
      expect.stringMatching(/^style-src 'self' 'sha256-[\w+/]+='$/),
    ]);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
    });
    expect(headers).not.toHaveProperty('strict-transport-security');
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  }
});

test('the style of a small page is the one that the policy lets in', async () => {
  const { ask } = await startServer({ env: ACCOUNTS });
  const { headers, text } = await ask('/login');
  const style = /<style>([^<]*)<\/style>/.exec(text)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  expect(headers['content-security-policy']).toContain(`style-src 'self' 'sha256-${hash}'`);
  expect(text).not.toMatch(/\sstyle=/);
});
