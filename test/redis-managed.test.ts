import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { connect, freePort, probe } from '@taskwire/redis';
import { type RedisServer, startRedisServer, startStack } from '@taskwire/testing';
import { expect, onTestFinished, test, vi } from 'vitest';

/** What managed servers refuse. */
const WITHOUT = ['INFO', 'CONFIG', 'CLIENT', 'ACL', 'ROLE'].map((name) => `rename-command ${name} ""`);

async function started(settings: readonly string[]): Promise<RedisServer> {
  const server = await startRedisServer(settings);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

test('works on a Redis without INFO, CONFIG and CLIENT, and prints nothing about it', async () => {
  const printed = [vi.spyOn(console, 'warn'), vi.spyOn(console, 'error')];
  onTestFinished(() => void printed.map((each) => each.mockRestore()));
  const server = await started(WITHOUT);
  await using stack = await startStack({
    redisUrl: server.url,
    services: ['processor', 'worker', 'web'],
    env: { TASKWIRE_WEB_PORT: String(await freePort()) },
  });
  await stack.publish({ task_type: 'reverse_string', parameters: { text: 'abc' }, task_id: 'now' });
  await expect(stack.result('now')).resolves.toMatchObject({ result: { reversed_text: 'cba' } });
  await stack.publish({ task_type: 'reverse_string', parameters: { text: 'abc' }, task_id: 'later', delay_ms: 300 });
  await expect(stack.result('later')).resolves.toMatchObject({ result: { reversed_text: 'cba' } });
  expect(printed.flatMap(({ mock }) => mock.calls.flat())).toEqual([]);
});

test('waits while Redis loads its data, also where INFO is denied', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'taskwire-loading-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const before = await started([`dir ${directory}`, 'enable-debug-command yes']);
  await before.command('DEBUG POPULATE 2000');
  await before.command('SAVE');
  await before.kill();

  const loading = await started([
    ...WITHOUT,
    `dir ${directory}`,
    'key-load-delay 1000',
    'loading-process-events-interval-bytes 1024',
  ]);
  const { redis: config } = loadConfig({ env: privateEnvironment({ REDIS_URL: loading.url }) });
  await expect(probe(config)).resolves.toEqual({ status: 'loading' });
  const said: string[] = [];
  const redis = connect({ config, role: 'command', name: 'test', onError: ({ message }) => said.push(message) });
  onTestFinished(() => redis.disconnect());
  redis.on('ready', () => said.push('ready'));
  await expect(redis.get('key:1')).resolves.toBe('value:1');
  expect(said.at(-1)).toBe('ready');
  expect(new Set(said.slice(0, -1))).toEqual(new Set(['LOADING Redis is loading the dataset in memory']));
});
