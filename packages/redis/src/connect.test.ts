import { type Config, loadConfig, privateEnvironment, type RedisConfig } from '@taskwire/config';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addressOf } from './connect.ts';
import { unavailable } from './redis-fault.ts';

const { redis: defaults }: Config = loadConfig({ env: privateEnvironment({}) });

const absent = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });

const ONE = { host: 'one', port: 1 };
const TWO = { host: '::1', port: 2 };

test.each<[Partial<RedisConfig>, string]>([
  [{}, 'redis://127.0.0.1:6379/0'],
  [{ host: 'cache.example', port: 6380, db: 3 }, 'redis://cache.example:6380/3'],
  [{ tls: true }, 'rediss://127.0.0.1:6379/0'],
  [{ host: '::1' }, 'redis://[::1]:6379/0'],
  [{ sentinels: [ONE, TWO], sentinel_master: 'main', db: 1 }, 'redis+sentinel://one:1,[::1]:2/main/1'],
  [{ cluster: [ONE, TWO], tls: true }, 'rediss://one:1,[::1]:2'],
  [{ host: '/run/redis.sock' }, 'unix:/run/redis.sock'],
  [{ host: '/run/redis.sock', db: 3 }, 'unix:/run/redis.sock?db=3'],
])('shows the address of %j as %s', (given, address) => {
  expect(addressOf({ ...defaults, ...given })).toBe(address);
});

test('neither the address nor the error that names it shows user or password', async () => {
  const secrets = fc.string({ minLength: 1 }).map((rest) => `S3cr3t${rest}`);
  await fc.assert(
    fc.asyncProperty(secrets, secrets, async (username, password) => {
      const config = { ...defaults, username, password };
      expect(addressOf(config)).toBe(addressOf(defaults));
      expect((await unavailable(config, absent)).message).not.toContain('S3cr3t');
    }),
  );
});

test('the error names the address and the reason, and shows three ways to get a Redis', async () => {
  const { code, message } = await unavailable({ ...defaults, port: 6380 }, absent);
  expect(code).toBe('redis_unavailable');
  expect(message).toMatch(/^Redis at redis:\/\/127\.0\.0\.1:6380\/0 cannot be used: nothing listens there\n/);
  expect(message).toMatch(/\n {2}1\. .*npx taskwire setup/);
  expect(message).toMatch(/\n {2}2\. .*docker run/);
  expect(message).toMatch(/\n {2}3\. .*REDIS_URL=/);
});
