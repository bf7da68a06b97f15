import { expect, test } from 'vitest';
import type { ConfigFault } from './config-error.ts';
import { expandRedisUrl } from './redis-url.ts';

function expand(section: Record<string, unknown>) {
  const faults: ConfigFault[] = [];
  return { fields: expandRedisUrl(section, 'redis.url', faults), faults };
}

test.each([
  ['redis://cache', { host: 'cache', tls: false }],
  ['redis://cache/', { host: 'cache', tls: false }],
  ['redis://cache:6380', { host: 'cache', tls: false, port: 6380 }],
  ['rediss://cache:6380/3', { host: 'cache', tls: true, port: 6380, db: 3 }],
  ['redis://:secret@cache', { host: 'cache', tls: false, password: 'secret' }],
  ['redis://me@cache', { host: 'cache', tls: false, username: 'me' }],
  ['redis://m%40e:p%2Fw%25%20x@cache', { host: 'cache', tls: false, username: 'm@e', password: 'p/w% x' }],
  ['redis://[::1]:6380', { host: '::1', tls: false, port: 6380 }],
  ['redis://cache?db=3', { host: 'cache', tls: false, db: 3 }],
  ['redis://cache/3/', { host: 'cache', tls: false, db: 3 }],
])('writes %s out as its fields', (url, fields) => {
  expect(expand({ url })).toEqual({ fields, faults: [] });
});

test('a field that is given beside the URL wins', () => {
  const { fields } = expand({ url: 'redis://me:secret@cache:6380/3', port: 1, password: 'other' });
  expect(fields).toEqual({ host: 'cache', tls: false, port: 1, db: 3, username: 'me', password: 'other' });
});

test('leaves a section without a URL alone', () => {
  expect(expand({ host: 'cache', porrt: 1 })).toEqual({ fields: { host: 'cache', porrt: 1 }, faults: [] });
});

test.each(['', 'cache:6379', 'cache', 'http://cache', 'redis://', 'redis://cache:port', 'redis://cache/x', 5, null])(
  'finds fault with %j',
  (url) => {
    const { fields, faults } = expand({ url, port: 1 });
    expect(fields).toEqual({ port: 1 });
    expect(faults).toEqual([
      {
        path: 'redis.url',
        message: 'is not a Redis URL',
        fix: expect.stringContaining('redis[s]://user:password@host:port/db'),
      },
    ]);
  },
);

test.each(['redis://user:12#3@cache', 'redis://user:12?3@cache', 'rediss://cache?ssl_cert_reqs=none'])(
  'does not take %s for another server, or drop a part of it',
  (url) => {
    expect(expand({ url }).faults).toEqual([
      { path: 'redis.url', message: expect.stringContaining('behind # or ?'), fix: expect.stringContaining('encoded') },
    ]);
  },
);
