import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_TEXT_LENGTH, showText } from './show-text.ts';

describe('secrets are masked in any text', () => {
  test.each([
    ['postgres://ada:hunter2@db:5432/x', 'postgres://⟦masked⟧@db:5432/x'],
    ['redis://:hunter2@h', 'redis://⟦masked⟧@h'],
    ['mysql://u:p@ss/w:rd@h/db', 'mysql://⟦masked⟧@h/db'],
    ['see https://hunter2@github.com/a, and more', 'see https://⟦masked⟧@github.com/a, and more'],
    ['Authorization: Bearer hunter2', 'Authorization: Bearer ⟦masked⟧'],
    ['authorization: basic aHVudGVyMg==', 'authorization: basic ⟦masked⟧'],
    ['token is dapihunter2hunter2-3.', 'token is ⟦masked⟧.'],
    ['Server=x;Password=hunter2;Encrypt=true', 'Server=x;Password=⟦masked⟧;Encrypt=true'],
    ['host=x password=hunter2 user=ada', 'host=x password=⟦masked⟧ user=ada'],
    ["host=x password = 'hunter2 too'", 'host=x password = ⟦masked⟧'],
    ['{"db_password": "hunter2", "a": 1}', '{"db_password": ⟦masked⟧, "a": 1}'],
    ['{\\"apiKey\\":\\"hunter2\\"}', '{\\"apiKey\\":⟦masked⟧}'],
    ['https://x/?a=1&access_token=hunter2&b=2', 'https://x/?a=1&access_token=⟦masked⟧&b=2'],
    ["create user ada identified by 'hunter2'", 'create user ada identified by ⟦masked⟧'],
    ["alter role ada password 'hunter2'", 'alter role ada password ⟦masked⟧'],
    ['eyJhunter2.eyJhunter2.hunter2', '⟦masked⟧'],
    ['-----BEGIN RSA PRIVATE KEY-----\nhunter2\n-----END RSA PRIVATE KEY----- ok', '⟦masked⟧ ok'],
    ['ghp_hunter2hunter2hunter2', '⟦masked⟧'],
  ])('%s', (text, shown) => {
    expect(showText(text)).toBe(shown);
  });
});

test.each([
  'select region, sum(quantity) from sales where at > 7:30 group by region',
  'https://example.org:8080/a?b=c#d',
  'ada@example.org',
  'a basic understanding of tokens',
])('%s stays as it is', (text) => {
  expect(showText(text)).toBe(text);
});

test('a long text is cut, with a mark that says how long the whole is', () => {
  const shown = showText('x'.repeat(1_000_000));
  expect(shown).toBe(`${'x'.repeat(MAX_TEXT_LENGTH)} ⟦cut: 1000000 characters in all⟧`);
});

test('a cut leaves no half of a character', () => {
  const shown = showText(`${'x'.repeat(MAX_TEXT_LENGTH - 1)}👋${'x'.repeat(100)}`);
  expect(shown.isWellFormed()).toBe(true);
});

test('no part of a secret is shown, wherever the text is cut', () => {
  const secrets = ['postgres://ada:hunter2@db/x', 'password=hunter2', 'Bearer hunter2', 'dapihunter2hunter2'];
  fc.assert(
    fc.property(fc.constantFrom(...secrets), fc.integer({ min: 0, max: 40 }), (secret, before) => {
      const text = `${'x'.repeat(MAX_TEXT_LENGTH - before - 1)} ${secret} ${'x'.repeat(2000)}`;
      expect(showText(text)).not.toMatch(/hunt/);
      expect(showText(`${'x'.repeat(MAX_TEXT_LENGTH - before - 1)} ${secret}${'x'.repeat(2000)}`)).not.toMatch(/hunt/);
    }),
  );
});

test('no text takes long, whatever is in it', () => {
  const nasty = ['a.', '://', 'password', 'password ', 'eyJ', 'Bearer ', '"\\', "password='", 'dapi', ' '];
  for (const part of nasty) {
    const begun = performance.now();
    showText(part.repeat(100_000));
    expect(performance.now() - begun).toBeLessThan(1000);
  }
});
