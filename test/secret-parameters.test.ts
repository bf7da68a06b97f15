import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { catalogueKey, newTaskId, resultsStreamKey } from '@taskwire/protocol';
import { freePort } from '@taskwire/redis';
import { type Stack, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { runTaskwire } from './run-taskwire.ts';

/** In every secret of this test: JSON and URLs write it in other ways. */
const SECRET = 'hunter2"&';
const LEAKS = /hunter2/;

const folder = mkdtempSync(join(tmpdir(), 'taskwire-secrets-'));
const told: string[] = [];
const receiver = createServer(async (request, response) => {
  told.push(await text(request));
  response.end();
});
let stack: Stack;
let webUrl: string;

/** A task whose handler is a program that says its secret by standard error, and by its last line. */
const PROGRAM = {
  type: 'keep_secret_by_program',
  description: 'Says its secret wherever it can.',
  parameters: {
    type: 'object',
    properties: { login: { type: 'object', properties: { word: { type: 'string', secret: true } } } },
  },
  result: { type: 'object' },
  example: { login: { word: 'x' } },
  attempts: 1,
  command: ['sh', '-c', 'cat >&2; exit 3'],
};

beforeAll(async () => {
  writeFileSync(join(folder, 'program.task.json'), JSON.stringify(PROGRAM));
  writeFileSync(join(folder, 'notify.sh'), `#!/bin/sh\ncat >> '${join(folder, 'notified')}'\n`, { mode: 0o755 });
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const webPort = await freePort();
  webUrl = `http://127.0.0.1:${webPort}`;
  stack = await startStack({
    redisUrl: inject('redisUrl'),
    services: ['processor', 'worker', 'web'],
    processes: ['worker'],
    env: {
      TASKWIRE_TASKS_FOLDERS: `${fileURLToPath(new URL('tasks', import.meta.url))},${folder}`,
      TASKWIRE_WEB_PORT: String(webPort),
      TASKWIRE_NOTIFY_COMMAND: join(folder, 'notify.sh'),
      TASKWIRE_NOTIFY_WEBHOOK: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
    },
  });
});

afterAll(async () => {
  await stack?.[Symbol.asyncDispose]();
  receiver.closeAllConnections();
  receiver.close();
  rmSync(folder, { recursive: true });
});

interface Ended {
  taskId: string;
  result: Record<string, unknown>;
}

async function ended(task_type: string, parameters: object): Promise<Ended> {
  const taskId = newTaskId();
  await stack.publish({ task_id: taskId, task_type, parameters });
  return { taskId, result: await stack.result(taskId) };
}

function keepSecret(task_type: string, how: string, word = SECRET): Promise<Ended> {
  return ended(task_type, { word, logins: [{ user: 'ada', rhyme: `${SECRET}-too` }], how });
}

/** What every key of the installation holds, but for the data of jobs. */
async function allOfRedis(): Promise<Record<string, string>> {
  const prefix = stack.config.redis.key_prefix;
  const keys = (await stack.redis.keys(`*`)).filter((key) => key.startsWith(prefix));
  const entries = keys.map(async (key) => {
    const type = await stack.redis.type(key);
    if (type !== 'hash') return [key, JSON.stringify(await readers[type]?.(key))] as const;
    const { data: _, ...fields } = await stack.redis.hgetall(key);
    return [key, JSON.stringify(fields)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

const readers: Record<string, (key: string) => Promise<unknown>> = {
  string: (key) => stack.redis.get(key),
  list: (key) => stack.redis.lrange(key, 0, -1),
  set: (key) => stack.redis.smembers(key),
  zset: (key) => stack.redis.zrange(key, '0', '-1'),
  stream: (key) => stack.redis.xrange(key, '-', '+'),
};

const page = (path: string) => fetch(`${webUrl}${path}`).then((response) => response.text());

test('the same id with another secret is another task', async () => {
  const { taskId } = await keepSecret('keep_secret', 'throw_for_good');
  const parameters = { word: 'another-secret', how: 'throw_for_good' };
  await stack.publish({ task_id: taskId, task_type: 'keep_secret', parameters });
  const isConflict = () => stack.recorder.all.some(({ message }) => message.error_code === 'task_id_conflict');
  await expect.poll(isConflict).toBe(true);
});

test('a secret that is logged, thrown and refused is found nowhere but in the data of its job', {
  timeout: 60_000,
}, async () => {
  const late = await keepSecret('keep_secret_apart', 'throw_late');
  // What the first one still says, its process says while it has the second one.
  await ended('keep_secret_apart', { word: 'another-secret', how: 'throw_for_good' });
  const output = () => stack.services.map((service) => service.output()).join('\n');
  await expect.poll(output).toContain('late: ');
  const others = await Promise.all([
    late,
    ...['keep_secret', 'keep_secret_apart'].flatMap((type) =>
      ['throw', 'throw_for_good', 'throw_late', 'return_wrongly'].map((how) => keepSecret(type, how)),
    ),
    keepSecret('keep_secret', 'throw', `${SECRET} with a blank`),
    ended('keep_secret_by_program', { login: { word: SECRET } }),
  ]);
  const [, thrown, forGood] = others;
  expect(thrown?.result).toMatchObject({ error: 'attempt 2: ⟦masked⟧ ⟦masked⟧', attempts: 2 });
  expect(forGood?.result.error_details).toEqual([{ path: 'parameters.word', message: '⟦masked⟧ ⟦masked⟧' }]);
  const refused = others.at(-2)?.result.error;
  expect(refused).toBe('The parameters of keep_secret are invalid: parameters.word: ⟦masked⟧ has a blank');
  expect(others.at(-1)?.result.error).toContain('"word":"⟦masked⟧"');

  await expect.poll(() => output().match(/late: ⟦masked⟧/g)?.length).toBeGreaterThanOrEqual(3);
  await expect.poll(() => output().match(/later ⟦masked⟧/g)).toHaveLength(3);
  expect(output()).toContain('by logger: ⟦masked⟧ ⟦masked⟧');
  expect(output()).not.toMatch(LEAKS);

  const ofRedis = await allOfRedis();
  const holding = Object.keys(ofRedis).filter((key) => LEAKS.test(ofRedis[key] as string));
  expect(holding).toEqual([]);
  const history = ofRedis[resultsStreamKey(stack.config.redis.key_prefix)];
  expect(history).toContain(
    '\\"word\\":\\"⟦masked⟧\\",\\"logins\\":[{\\"user\\":\\"ada\\",\\"rhyme\\":\\"⟦masked⟧\\"}]',
  );
  expect(JSON.stringify(stack.recorder.all)).not.toMatch(LEAKS);

  const failed = () => told.filter((message) => message.includes('"status":"error"'));
  await expect.poll(() => failed().length).toBeGreaterThanOrEqual(8);
  await expect.poll(() => readFileSync(join(folder, 'notified'), 'utf8')).toContain('⟦masked⟧');
  for (const message of failed()) expect(message).not.toMatch(LEAKS);
});

test('the handler gets its secrets, and who asked gets what it returns', async () => {
  for (const type of ['keep_secret', 'keep_secret_apart']) {
    const { result } = await keepSecret(type, 'return');
    expect(result).toMatchObject({ status: 'completed', result: { said: `${SECRET} ${SECRET}-too` } });
  }
});

test('no page and no command shows a secret, not even in a result', { timeout: 60_000 }, async () => {
  const { taskId } = await keepSecret('keep_secret', 'return');
  const { taskId: failedId } = await keepSecret('keep_secret', 'throw_for_good');
  const list = () => page('/board/api/queues?activeQueue=default&jobsPerPage=50');
  await expect.poll(list).toContain(failedId);
  const { queues } = JSON.parse(await list());
  const jobs: { id: string; name: string }[] = queues[0].jobs;
  const idOf = (task: string) => jobs.find(({ name }) => name.includes(task))?.id;
  const shown = await page(`/board/api/queues/default/${idOf(taskId)}`);
  expect(JSON.parse(shown).job).toMatchObject({
    data: { parameters: { word: '⟦masked⟧', logins: [{ user: 'ada', rhyme: '⟦masked⟧' }], how: 'return' } },
    returnValue: { said: '⟦masked⟧ ⟦masked⟧' },
  });
  const pages = [
    shown,
    await list(),
    await page(`/board/api/queues/default/${idOf(failedId)}`),
    await page('/api/status'),
  ];
  for (const id of [taskId, failedId]) pages.push(await page(`/board/api/queues/default/${idOf(id)}/logs`));
  expect(pages.at(-1)).toContain('by log: ⟦masked⟧');

  const env = { PATH: '/usr/bin:/bin', ...stack.env };
  for (const args of [
    ['result', failedId, '--logs'],
    ['result', failedId, '--logs', '--json'],
    ['status', '--json'],
  ]) {
    pages.push((await runTaskwire(args, env)).out);
  }
  for (const text of pages) expect(text).not.toMatch(LEAKS);
});

test('the catalogue says which parameters are secret', async () => {
  const catalogue = await stack.redis.get(catalogueKey(stack.config.redis.key_prefix));
  const types: { type: string; parameters: object }[] = JSON.parse(catalogue as string);
  expect(types.find(({ type }) => type === 'keep_secret')?.parameters).toMatchObject({
    properties: { word: { secret: true, writeOnly: true } },
  });
});
