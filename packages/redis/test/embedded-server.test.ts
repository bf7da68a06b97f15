import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Environment, loadConfig, privateEnvironment, type RedisConfig } from '@taskwire/config';
import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../src/connect.ts';
import { startEmbeddedRedis } from '../src/embedded-server.ts';
import { freePort } from '../src/free-port.ts';
import { probe } from '../src/probe.ts';

/** A configuration with a free port, and a folder that does not exist yet. */
async function configWith(env: Environment = {}): Promise<RedisConfig> {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-embedded-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const port = String(await freePort());
  const directory = join(folder, 'a "quoted" place', 'redis');
  const own = { REDIS_PORT: port, TASKWIRE_REDIS_EMBEDDED_DIRECTORY: directory, ...env };
  return loadConfig({ env: privateEnvironment(own) }).redis;
}

async function start(config: RedisConfig) {
  const child = await startEmbeddedRedis(config);
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
  return child;
}

test('accepts connections as soon as it has started', async () => {
  const config = await configWith();
  await start(config);
  await expect(probe(config)).resolves.toEqual({ status: 'ready' });
});

test('keeps what it was told, in its own folder, through an orderly restart', async () => {
  const config = await configWith();
  const first = await start(config);
  const writer = connect({ config, role: 'client', name: 'test' });
  await writer.set('greeting', 'hello');
  writer.disconnect();
  first.kill('SIGTERM');
  await once(first, 'exit');

  await start(config);
  const reader = connect({ config, role: 'client', name: 'test' });
  onTestFinished(() => reader.disconnect());
  await expect(reader.get('greeting')).resolves.toBe('hello');
  expect(statSync(config.embedded.directory).mode & 0o077).toBe(0);
});

test('writes every change within a second, and never evicts a key', async () => {
  const config = await configWith();
  await start(config);
  const redis = connect({ config, role: 'client', name: 'test' });
  onTestFinished(() => redis.disconnect());
  const settings = await Promise.all(
    ['appendonly', 'appendfsync', 'maxmemory-policy'].map((name) => redis.call('config', 'get', name)),
  );
  expect(JSON.stringify(settings)).toMatch(/yes.*everysec.*noeviction/);
});

const [ownAddress] = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .filter(({ internal, family }) => !internal && family === 'IPv4')
  .map(({ address }) => address);

test.skipIf(!ownAddress)('is not reachable from other machines', async () => {
  const config = await configWith();
  await start(config);
  await expect(probe({ ...config, host: ownAddress as string })).resolves.toMatchObject({ status: 'absent' });
});

test.each([
  ['a password with what is special in its configuration', { REDIS_PASSWORD: 'two "words" \\ and # €' }],
  ['a user and a password', { REDIS_USERNAME: 'me', REDIS_PASSWORD: 'S3cr3t' }],
])('asks for %s', async (_, env) => {
  const config = await configWith(env);
  await start(config);
  const { password: __, ...withoutPassword } = config;
  await expect(probe(config)).resolves.toEqual({ status: 'ready' });
  await expect(probe({ ...config, password: 'wrong' })).resolves.toMatchObject({ status: 'unusable' });
  await expect(probe(withoutPassword)).resolves.toMatchObject({ status: 'unusable' });
});

test('when it cannot listen, says so with the last words of the server', async () => {
  const config = await configWith();
  await using occupant = createServer().listen(config.port, '127.0.0.1');
  await once(occupant, 'listening');
  await expect(startEmbeddedRedis(config)).rejects.toThrow(/did not start:\n(.*\n)*.*(in use|bind)/i);
});
