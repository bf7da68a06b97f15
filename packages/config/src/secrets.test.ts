import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { ConfigError } from './config-error.ts';
import type { Environment } from './environment.ts';
import { loadConfig } from './load-config.ts';

/** Passwords that occur nowhere else, with what is special in URLs, JSON and .env files. */
const passwords = fc
  .string({ unit: fc.constantFrom(...'aB3@:/?#&="\'\\{}[], €'), minLength: 1, maxLength: 12 })
  .map((rest) => `S3cr3t${rest}`);

/** Where a password may stand, right or wrong. */
const places: Record<string, (password: string) => { file: unknown; env?: Environment }> = {
  'redis.password': (password) => ({ file: { redis: { password } } }),
  'redis.url': (password) => ({ file: { redis: { url: `redis://me:${encodeURIComponent(password)}@cache:1/0` } } }),
  'redis.url as it is': (password) => ({ file: { redis: { url: `redis://me:${password}@cache:1/0` } } }),
  'redis.url of another protocol': (password) => ({ file: { redis: { url: `http://me:${password}@cache` } } }),
  REDIS_PASSWORD: (password) => ({ file: {}, env: { REDIS_PASSWORD: password } }),
  REDIS_URL: (password) => ({ file: {}, env: { REDIS_URL: `redis://:${encodeURIComponent(password)}@cache` } }),
  'REDIS_URL as it is': (password) => ({ file: {}, env: { REDIS_URL: `redis://:${password}@cache` } }),
  'a misspelt setting': (password) => ({ file: { redis: { pasword: password } } }),
  'a setting of another kind': (password) => ({ file: { redis: { port: password, tls: password } } }),
  'a section': (password) => ({ file: { redis: password } }),
  'a SQL connection': (password) => ({ file: { sql: { connections: { a: { driver: 'duckdb', password } } } } }),
  'a SQL connection in a variable': (password) => ({
    file: {},
    env: { TASKWIRE_SQL_CONNECTIONS: `{"a": {"driver": "${password}` },
  }),
  'a file that is not JSON': (password) => ({ file: `{"redis": {"password": "${password}" "port": 1}}` }),
  'a file that ends early': (password) => ({ file: `{"redis": {"password": ${password}` }),
};

test.each(Object.entries(places))('a password in %s is in no error message', (_, place) => {
  const workingDirectory = mkdtempSync(join(tmpdir(), 'taskwire-config-'));
  onTestFinished(() => rmSync(workingDirectory, { recursive: true }));
  writeFileSync(join(workingDirectory, '.env'), '');
  fc.assert(
    fc.property(passwords, (password) => {
      const { file, env } = place(password);
      writeFileSync(join(workingDirectory, 'config.json'), typeof file === 'string' ? file : JSON.stringify(file));
      // A further fault, so that there is an error whatever the password does.
      const error = thrownBy(() => loadConfig({ env: { ...env, TASKWIRE_WORKER_CONCURRENCY: 'x' }, workingDirectory }));
      expect(error).toBeInstanceOf(ConfigError);
      for (const text of [(error as Error).message, (error as Error).stack, inspect(error), JSON.stringify(error)]) {
        expect(text).not.toContain('S3cr3t');
      }
    }),
    { numRuns: 50 },
  );
});

test('a password that is taken in comes through unchanged', () => {
  const workingDirectory = mkdtempSync(join(tmpdir(), 'taskwire-config-'));
  onTestFinished(() => rmSync(workingDirectory, { recursive: true }));
  writeFileSync(join(workingDirectory, '.env'), '');
  fc.assert(
    fc.property(passwords, (password) => {
      writeFileSync(join(workingDirectory, 'config.json'), JSON.stringify({ redis: { password } }));
      const url = `redis://:${encodeURIComponent(password)}@cache`;
      for (const env of [{}, { REDIS_PASSWORD: password }, { REDIS_URL: url }]) {
        expect(loadConfig({ env, workingDirectory }).redis.password).toBe(password);
      }
    }),
  );
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
