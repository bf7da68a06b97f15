import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type PrivateRedis, type Stack, startPrivateRedis, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** Where Debian's python3-redis is; another Python may stand before it on PATH. */
const PYTHON = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

let redis: PrivateRedis;
let stack: Stack;

// A Redis of its own, because the examples use the default channels.
beforeAll(async () => {
  redis = await startPrivateRedis();
  stack = await startStack({
    redisUrl: redis.url,
    services: ['processor', 'worker'],
    env: { TASKWIRE_REDIS_CHANNELS_TASKS_QUEUE: 'tasks', TASKWIRE_REDIS_CHANNELS_RESULTS_QUEUE: 'results' },
  });
});

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  await redis?.[Symbol.asyncDispose]();
});

test('publish.py prints the result of its task', async () => {
  const result = JSON.parse(await outputOf(PYTHON, 'publish.py'));
  expect(result).toMatchObject({ user_id: 7, status: 'completed', result: { reversed_text: 'cba' } });
});

test('publish.ts prints what its task brought', async () => {
  expect(await outputOf(process.execPath, 'publish.ts')).toBe('cba\n');
});

async function outputOf(program: string, file: string): Promise<string> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const env = { PATH: '/usr/bin:/bin', REDIS_URL: redis.url };
  return (await promisify(execFile)(program, [path], { env, timeout: 15_000 })).stdout;
}
