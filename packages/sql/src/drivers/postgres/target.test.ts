import { describe, expect, test } from 'vitest';
import type { PostgresOptions } from './options.ts';
import { addressOf, targetOf } from './target.ts';

const pool = { readOnly: true, maxConnections: 1, idleMs: 1, connectTimeoutMs: 1 };
const target = (options: Partial<PostgresOptions>) => targetOf({ ...pool, ...options });

describe('where to', () => {
  test.each<[url: string, expected: object]>([
    ['postgres://me@db', { host: 'db', port: 5432, database: 'me', user: 'me', password: undefined, tls: 'disable' }],
    [
      'postgresql://me:p%40ss%2Fw%25@db:6543/my%20app?sslmode=require',
      { port: 6543, database: 'my app', user: 'me', password: 'p@ss/w%', tls: 'require' },
    ],
    ['postgres://me@[::1]:6543/app', { host: '::1', port: 6543 }],
    [
      'postgres:///app?host=/var/run/postgresql&user=me&application_name=x',
      { host: '/var/run/postgresql', user: 'me', database: 'app' },
    ],
  ])('%s', (url, expected) => {
    expect(target({ url })).toMatchObject(expected);
  });

  test('what stands beside the URL wins', () => {
    const url = 'postgres://me:secret@db:1/app?sslmode=disable';
    expect(
      target({ url, host: 'other', port: 2, database: 'b', user: 'you', password: 'x', tls: 'verify-full' }),
    ).toEqual({
      host: 'other',
      port: 2,
      database: 'b',
      user: 'you',
      password: 'x',
      tls: 'verify-full',
      caCertificate: undefined,
    });
  });

  test.each<[options: Partial<PostgresOptions>, message: RegExp]>([
    [{ host: 'db' }, /the user is missing/],
    [{ url: 'mysql://me:secret@db/app' }, /must look like postgres:/],
    [{ url: 'secret' }, /must look like postgres:/],
    [{ url: 'postgres://me:secret%zz@db/app' }, /write %25/],
    [{ url: 'postgres://me:secret@db/app?schema=x&port=1' }, /unknown parameters: schema/],
    [{ url: 'postgres://me:secret@db/app?sslmode=prefer' }, /sslmode must be one of disable, require, verify-full/],
    [{ url: 'postgres://me:secret@db/app?port=99999' }, /wrong port/],
    [{ url: 'postgres://me:12#secret@db/app', user: 'me' }, /behind #; .*%23/],
    [{ url: 'postgres://me:12?secret@db/app', user: 'me' }, /behind \/ or \?; .*%3F/],
    [{ url: 'postgres://me:12/secret@db/app', user: 'me' }, /behind \/ or \?; .*%2F/],
  ])('refuses %j without showing the password', (options, message) => {
    expect(() => target(options)).toThrow(message);
    expect(() => target(options)).not.toThrow(/secret/);
  });

  test('is written for a person', () => {
    expect(addressOf(target({ user: 'a', host: '::1' }))).toBe('[::1]:5432');
    expect(addressOf(target({ user: 'a', host: '/run' }))).toBe('/run/.s.PGSQL.5432');
  });
});
