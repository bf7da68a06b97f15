import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Environment, loadConfig, privateEnvironment, type RedisConfig } from '@taskwire/config';
import { afterEach, expect, inject, onTestFinished, test, vi } from 'vitest';
import { ensureRedis } from '../src/ensure-redis.ts';
import { freePort } from '../src/free-port.ts';
import { probe } from '../src/probe.ts';
import { RedisUnavailableError } from '../src/redis-fault.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** A configuration whose own Redis would keep its data in a folder of the test. */
async function configWith(env: Environment): Promise<RedisConfig> {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-ensure-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const own = { REDIS_PORT: String(await freePort()), TASKWIRE_REDIS_EMBEDDED_DIRECTORY: join(folder, 'redis') };
  return loadConfig({ env: privateEnvironment({ ...own, ...env }) }).redis;
}

async function refusalOf(config: RedisConfig): Promise<string> {
  try {
    const ensured = await ensureRedis(config);
    if (ensured.status === 'embedded') ensured.process.kill('SIGKILL');
    return `there was no refusal: ${ensured.status}`;
  } catch (error) {
    if (error instanceof RedisUnavailableError) return error.message;
    throw error;
  }
}

test('takes the Redis that answers', async () => {
  const config = await configWith({ REDIS_PORT: '', REDIS_URL: inject('redisUrl') });
  await expect(ensureRedis(config)).resolves.toEqual({ status: 'existing' });
});

test.each(['127.0.0.1', 'localhost'])('starts one of our own when none answers on %s', async (host) => {
  const config = await configWith({ REDIS_HOST: host });
  const ensured = await ensureRedis(config);
  if (ensured.status !== 'embedded') throw new Error('none was started');
  onTestFinished(async () => {
    ensured.process.kill('SIGKILL');
    await once(ensured.process, 'exit');
  });
  await expect(probe(config)).resolves.toEqual({ status: 'ready' });
  await expect(ensureRedis(config)).resolves.toEqual({ status: 'existing' });
});

test('starts none where something listens that is no Redis, and says what it said', async () => {
  const stranger = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void stranger.close());
  await once(stranger, 'listening');
  const { port } = stranger.address() as AddressInfo;
  const refusal = await refusalOf(await configWith({ REDIS_PORT: String(port) }));
  expect(refusal).toMatch(new RegExp(`^Redis at redis://127\\.0\\.0\\.1:${port}/0 cannot be used: .`));
  expect(refusal).toContain('what answers there is not Redis\nName the address of a Redis');
});

test('starts none where one wants another password, and does not show ours', async () => {
  const config = await configWith({ REDIS_PORT: '', REDIS_URL: inject('redisUrl') });
  const refusal = await refusalOf({ ...config, username: 'nobody', password: 'S3cr3t' });
  expect(refusal).toContain('REDIS_USERNAME, REDIS_PASSWORD');
  expect(refusal).not.toContain('S3cr3t');
});

test('starts none when it was told not to', async () => {
  const config = await configWith({ TASKWIRE_REDIS_EMBEDDED_ENABLED: 'false' });
  expect(await refusalOf(config)).toContain(`127.0.0.1:${config.port}/0 cannot be used: nothing listens there`);
});

test.each(['SENTINELS', 'CLUSTER'])('starts none in the place of %s', async (name) => {
  const port = await freePort();
  expect(await refusalOf(await configWith({ [`TASKWIRE_REDIS_${name}`]: `127.0.0.1:${port}` }))).toContain(
    'cannot be used',
  );
});

test('starts none for an address that asks for TLS', async () => {
  expect(await refusalOf(await configWith({ REDIS_TLS: 'true' }))).toContain('rediss://127.0.0.1');
});

test.each(['0.0.0.0', 'no-such-host.invalid'])('starts none for %s, which is no loopback address', async (host) => {
  expect(await refusalOf(await configWith({ REDIS_HOST: host }))).toContain(`Redis at redis://${host}:`);
});

test('where no server program is installed, says how to install one', async () => {
  const config = await configWith({});
  vi.stubEnv('PATH', '/nonexistent');
  expect(await refusalOf(config)).toMatch(/nothing listens there, and neither redis-server .* npx taskwire setup/);
});

test('when ours cannot start, says why', async () => {
  const config = await configWith({});
  const file = join(config.embedded.directory, '..', 'a-file');
  writeFileSync(file, '');
  const refusal = await refusalOf({ ...config, embedded: { ...config.embedded, directory: join(file, 'redis') } });
  expect(refusal).toContain('ENOTDIR');
});
