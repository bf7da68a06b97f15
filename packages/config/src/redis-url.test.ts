import fc from 'fast-check';
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
  ['redis://cache/3?db=3', { host: 'cache', tls: false, db: 3 }],
  [' redis://cache\n', { host: 'cache', tls: false }],
  ['unix:/run/redis.sock', { host: '/run/redis.sock', tls: false }],
  ['unix:///run/my%20redis.sock?db=3', { host: '/run/my redis.sock', tls: false, db: 3 }],
  ['unix://me:p%2Fw@/run/redis.sock', { host: '/run/redis.sock', tls: false, username: 'me', password: 'p/w' }],
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

test.each<[what: string, message: RegExp, fix: RegExp, ...urls: unknown[]]>([
  ['nothing', /^is empty$/, /^remove it/, '', ' '],
  ['what is no text', /^is no text$/, /^write redis/, 5, null],
  [
    'another scheme',
    /begins neither with redis:/,
    /^write redis/,
    'cache:6379',
    'cache',
    'http://cache',
    'bob:S3cr3t@cache',
  ],
  ['quotation marks', /quotation mark/, /^remove/, '"redis://cache"'],
  ['no host', /names no host/, /^write redis/, 'redis://', 'redis:///3', 'redis:cache'],
  [
    'a host that is cut',
    /host or port cannot be read/,
    /percent-encoded/,
    'redis://cache:port',
    'redis://bob:S3/cr3t@cache',
  ],
  [
    'several hosts',
    /several hosts/,
    /redis\.cluster/,
    'redis://one,two',
    'redis://:S3cr3t@one:1,two:2',
    'redis://one:1,two:2/0',
  ],
  ['a lone %', /has a %/, /% as %25/, 'redis://:S3%cr3t@cache', 'redis://:S3cr3t%FF@cache'],
  ['what is behind #', /part behind #/, /%23/, 'redis://bob:123#S3cr3t@cache:6379/0', 'redis://cache#'],
  ['what is behind ?', /a part behind \?/, /%3F/, 'redis://bob:12?S3cr3t@cache', 'redis://bob:12?s3cr3t=@cache'],
  ['a parameter', /the parameter family/, /remove it/, 'redis://cache?family=6', 'unix:/run/redis.sock?db=1&family=6'],
  ['another parameter', /the parameter ssl_cert_reqs/, /remove it/, 'rediss://cache/0?ssl_cert_reqs=none'],
  [
    'a database with a name',
    /no number/,
    /as \/0.*%2F/,
    'redis://cache/abc',
    'redis://bob:12/S3cr3t@cache',
    'redis://cache/1/2',
  ],
  ['an empty database', /no number/, /as \/0/, 'redis://cache?db=', 'unix:/run/redis.sock?db='],
  ['two databases', /more than one/, /name one/, 'redis://cache/1?db=2', 'redis://cache?db=1&db=2'],
  [
    'no path of a socket',
    /no absolute path/,
    /unix:\/path/,
    'unix:redis.sock',
    'unix://run/redis.sock',
    'unix:',
    'unix:////run',
  ],
])('finds fault with %s, says what to do, and repeats no piece of a password', (_what, message, fix, ...urls) => {
  for (const url of urls) {
    const { fields, faults } = expand({ url, port: 1 });
    expect(fields).toEqual({ port: 1 });
    expect(faults).toEqual([
      { path: 'redis.url', message: expect.stringMatching(message), fix: expect.stringMatching(fix) },
    ]);
    expect(JSON.stringify(faults)).not.toMatch(/s3|cr3t/i);
  }
});

test('no piece of a password is in a fault, wherever its special characters cut it', () => {
  const password = fc
    .array(fc.constantFrom('S3cr3t', '#', '?', '/', '%', '@', ':', '=', '&', '[', ',', ' ', '\\', '"'), {
      minLength: 1,
    })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(password, fc.constantFrom('redis:', 'rediss:', 'http:', ''), (secret, scheme) => {
      const { fields, faults } = expand({ url: `${scheme}//bob:${secret}@cache/0` });
      expect(JSON.stringify(faults)).not.toMatch(/S3cr3t/i);
      // Without a fault it is the whole password, for the right host.
      if (faults.length === 0) expect(fields).toMatchObject({ host: 'cache', username: 'bob', db: 0 });
    }),
    { numRuns: 1000 },
  );
});
