import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { ensureRedis, freePort, probe } from '@taskwire/redis';
import { expect, inject, onTestFinished, test } from 'vitest';

test('two embedded servers do not share a data folder', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'taskwire-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const configAt = async () => {
    const env = { REDIS_PORT: String(await freePort()), TASKWIRE_REDIS_EMBEDDED_DIRECTORY: folder };
    return loadConfig({ env: privateEnvironment(env) }).redis;
  };
  const first = await ensureRedis(await configAt());
  if (first.status !== 'embedded') throw new Error('a Redis was there already');
  onTestFinished(() => void first.process.kill('SIGKILL'));
  await expect(ensureRedis(await configAt())).rejects.toThrow(`uses its data folder ${folder}`);
});

test('a database that the server does not have is refused, and not taken for database 0', async () => {
  const env = { REDIS_URL: `${inject('redisUrl')}/999` };
  const { redis } = loadConfig({ env: privateEnvironment(env) });
  expect(await probe(redis)).toMatchObject({ status: 'unusable', why: 'it has no database of this number (redis.db)' });
});
