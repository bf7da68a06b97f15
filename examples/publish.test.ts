import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
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
    env: {
      TASKWIRE_REDIS_CHANNELS_TASKS_QUEUE: 'tasks',
      TASKWIRE_REDIS_CHANNELS_RESULTS_QUEUE: 'results',
      TASKWIRE_REDIS_KEY_PREFIX: '{taskwire}',
    },
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

test('add.py prints the result of its task', async () => {
  const result = JSON.parse(await outputOf(PYTHON, 'add.py'));
  expect(result).toMatchObject({ user_id: 7, status: 'completed', result: { reversed_text: 'cba' } });
});

test('read-results.py prints also the results that came while it did not run', async () => {
  const first = await linesOf('read-results.py', 1, () => stack.publish(reverse('one')));
  await stack.publish(reverse('two'));
  await stack.result('two');
  for (const entry of [
    ['message', 'not JSON'],
    ['message', '{"status": "test"}'],
    ['message', '7'],
    ['text', 'hi'],
  ]) {
    await stack.redis.xadd('{taskwire}:results', '*', ...entry);
  }
  const second = await linesOf('read-results.py', 2, () => stack.publish(reverse('three')));
  expect(first.at(-1)).toBe('one completed {"reversed_text": "eno"}');
  expect(second).toEqual(['two completed {"reversed_text": "owt"}', 'three completed {"reversed_text": "eerht"}']);
});

test('publish.ts prints what its task brought', async () => {
  expect(await outputOf(process.execPath, 'publish.ts')).toBe('cba\n');
});

const reverse = (text: string) => ({ task_id: text, task_type: 'reverse_string', parameters: { text } });

/** The first lines of a program that goes on; when it waits for results, `then` happens. */
async function linesOf(file: string, count: number, then: () => Promise<unknown>): Promise<string[]> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(PYTHON, [path], { env: { PATH: '/usr/bin:/bin', REDIS_URL: redis.url } });
  const blocked = async () => String(await redis.command('CLIENT', 'LIST')).match(/cmd=xreadgroup/g)?.length ?? 0;
  // The processor reads its own stream.
  await expect.poll(blocked, { timeout: 10_000 }).toBeGreaterThan(1);
  await then();
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (lines.length === count) break;
  }
  child.kill();
  await once(child, 'close');
  return lines;
}

async function outputOf(program: string, file: string): Promise<string> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const env = { PATH: '/usr/bin:/bin', REDIS_URL: redis.url };
  return (await promisify(execFile)(program, [path], { env, timeout: 15_000 })).stdout;
}
