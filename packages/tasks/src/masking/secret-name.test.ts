import { expect, test } from 'vitest';
import { isSecretName } from './secret-name.ts';

test.each([
  ...['password', 'passwd', 'PASSWORD', 'dbPassword', 'db-password', 'dbpassword', 'user_pwd', 'pass', 'passphrase'],
  ...['secret', 'clientSecret', 'secrets', 'token', 'accessToken', 'auth_token', 'refresh-token', 'tokens'],
  ...['api_key', 'apiKey', 'apikey', 'x-api-key', 'AWS_SECRET_ACCESS_KEY', 'privateKey', 'private_key'],
  ...['authorization', 'auth', 'credential', 'credentials', 'connection_string', 'connectionString', 'dsn', 'cookie'],
])('%s names a secret', (name) => {
  expect(isSecretName(name)).toBe(true);
});

test.each(['text', 'query', 'author', 'compass', 'passed', 'key', 'monkey', 'tokenizer', 'connection', 'max_rows', ''])(
  '%s names none',
  (name) => {
    expect(isSecretName(name)).toBe(false);
  },
);
