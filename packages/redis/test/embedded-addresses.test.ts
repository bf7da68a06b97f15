import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { expect, onTestFinished, test } from 'vitest';
import { ensureRedis } from '../src/ensure-redis.ts';
import { freePort } from '../src/free-port.ts';
import { probe } from '../src/probe.ts';

async function environmentWith(env: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-embedded-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return privateEnvironment({
    REDIS_PORT: String(await freePort()),
    TASKWIRE_REDIS_EMBEDDED_DIRECTORY: folder,
    ...env,
  });
}

async function configWith(env: Record<string, string>) {
  return loadConfig({ env: await environmentWith(env) }).redis;
}

test.each([
  ['at the loopback address that is configured', { REDIS_HOST: '127.0.0.2' }],
  ['a user whose password has a space in it', { REDIS_USERNAME: 'me', REDIS_PASSWORD: 'two words' }],
])('ours serves %s', async (_, env) => {
  const config = await configWith(env);
  const ensured = await ensureRedis(config);
  if (ensured.status !== 'embedded') throw new Error('another Redis was there already');
  onTestFinished(async () => {
    ensured.process.kill('SIGKILL');
    await once(ensured.process, 'exit');
  });
  await expect(probe(config)).resolves.toEqual({ status: 'ready' });
});

test('no password is printed, whether ours starts or not', async () => {
  const script = `
    import { loadConfig } from '@taskwire/config'; import { startEmbeddedRedis } from '@taskwire/redis';
    await startEmbeddedRedis(loadConfig().redis).then((child) => child.kill('SIGKILL'), () => {});`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    env: await environmentWith({ REDIS_USERNAME: 'me', REDIS_PASSWORD: 'S3cr3t word' }),
    encoding: 'utf8',
  });
  expect(stdout + stderr).not.toContain('S3cr3t');
});

test('asking a server that never answers takes about 3 s', async () => {
  const server = createServer((socket) => void socket.on('error', () => {})).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const before = Date.now();
  await probe(await configWith({ REDIS_PORT: String((server.address() as AddressInfo).port) }));
  expect(Date.now() - before).toBeLessThan(5000);
});
