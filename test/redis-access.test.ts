import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { TaskwireClient } from '@taskwire/client';
import { loadConfig, privateEnvironment, type ServiceName } from '@taskwire/config';
import { checkAccess, connect, freePort, RedisAccessError } from '@taskwire/redis';
import { type PrivateRedis, type Stack, startPrivateRedis, startStack } from '@taskwire/testing';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';

vi.setConfig({ testTimeout: 60_000 });

let redis: PrivateRedis;

beforeAll(async () => {
  redis = await startPrivateRedis();
  for (const [name, rules] of documented) await redis.command('ACL', 'SETUSER', name, ...rules);
});

afterAll(() => redis[Symbol.asyncDispose]());

/** The rules of docs/redis.md, by user. */
const documented = new Map(
  Array.from(read('docs/redis.md').matchAll(/^ACL SETUSER (\S+) (.*)$/gm), ([, name = '', rules = '']) => [
    name,
    rules.split(' '),
  ]),
);

function read(file: string): string {
  return readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
}

/** The environment of a program with this user, and the names of the documented rules. */
function envOf(user: string) {
  return privateEnvironment({
    REDIS_URL: `redis://${user}:secret@127.0.0.1:${redis.port}`,
    TASKWIRE_INBOX_ENABLED: 'false',
    TASKWIRE_LOG_LEVEL: 'warn',
  });
}

async function startAll(): Promise<Stack> {
  const stack = await startStack({ redisUrl: redis.url, services: [], env: envOf('default') });
  const port = { TASKWIRE_WEB_PORT: String(await freePort()) };
  for (const name of ['processor', 'worker', 'sql-worker', 'web'] as const)
    await stack.start(name, { ...envOf(`tw-${name}`), ...port });
  return stack;
}

test('every service does its work with the rules of docs/redis.md, and so do clients and readers', async () => {
  await redis.command('ACL', 'LOG', 'RESET');
  await using stack = await startAll();
  const configOf = (user: string) => loadConfig({ env: envOf(user) }).redis;

  await using client = new TaskwireClient(configOf('tw-client'));
  await expect(client.run({ task_type: 'sql_query', parameters: { query: 'select 1 as one' } })).resolves.toMatchObject(
    { result: { rows: [{ one: 1 }] } },
  );
  await client.submit({ task_type: 'reverse_string', parameters: { text: 'abc' }, task_id: 'later', delay_ms: 60_000 });
  await client.cancel('later');
  await expect(client.result('later')).resolves.toMatchObject({ result: { error_code: 'cancelled' } });

  const publisher = connect({ config: configOf('tw-publisher'), role: 'client', name: 'test' });
  const reader = connect({ config: configOf('tw-reader'), role: 'client', name: 'test' });
  onTestFinished(() => void [publisher, reader].map((each) => each.disconnect()));
  await reader.subscribe('results');
  const heard = once(reader, 'message');
  await publisher.publish('tasks', '{"task_type": "reverse_string", "parameters": {"text": "abc"}, "task_id": "last"}');
  await heard;
  await publisher.xadd('{taskwire}:tasks', '*', 'cancel', '{"task_id": "unknown"}');
  await expect(reader.get('{taskwire}:result:last')).resolves.toContain('cba');
  await expect(reader.xrevrange('{taskwire}:results', '+', '-', 'COUNT', 1)).resolves.toHaveLength(1);
  await expect(reader.del('{taskwire}:result:last')).rejects.toThrow('NOPERM');

  const denied = (await redis.command('ACL', 'LOG')) as string[][];
  const services = denied
    .map((entry) => entry.join(' '))
    .filter((entry) => /tw-(processor|web|worker|sql)/.test(entry));
  expect(services).toEqual([]);
  expect(stack.services.map((service) => service.output()).join('')).toBe('');
});

test.each<[lacking: string, removed: string, service: ServiceName]>([
  ['+rpush', '-rpush', 'worker'],
  ['+bzpopmin', '-bzpopmin', 'sql-worker'],
  ['+eval +evalsha', '-eval -evalsha', 'processor'],
  ['+@transaction', '-multi', 'worker'],
  ['~{taskwire}:*', 'resetkeys ~other:*', 'worker'],
  ['&task_cancel', 'resetchannels &tasks &task_events &results* &{taskwire}:*', 'processor'],
  ['&results*', 'resetchannels &task_events &results &{taskwire}:*', 'worker'],
])('says %s when that is missing, and accepts nothing', async (lacking, removed, service) => {
  await redis.command(
    'ACL',
    'SETUSER',
    'lacking',
    'reset',
    ...(documented.get(`tw-${service}`) ?? []),
    ...removed.split(' '),
  );
  await using stack = await startStack({ redisUrl: redis.url, services: [], env: envOf('default') });
  const started = stack.start(service, envOf('lacking'));
  await expect(started).rejects.toThrow(RedisAccessError);
  await expect(started).rejects.toThrow(
    `refuses its user "lacking" what the ${service} needs.\n  fix: ACL SETUSER lacking ${lacking}\n`,
  );
});

test('leaves no trace of its checks', async () => {
  await redis.command('FLUSHALL');
  const { redis: config } = loadConfig({ env: envOf('tw-processor') });
  const subscriber = connect({ config, role: 'subscriber', name: 'test' });
  onTestFinished(() => subscriber.disconnect());
  const heard: string[] = [];
  subscriber.on('message', (_, message) => heard.push(message));
  await subscriber.subscribe('tasks', '{taskwire}:probe');
  await checkAccess({ config, service: 'processor', requests: true, signal: new AbortController().signal });
  await expect(redis.command('KEYS', '*')).resolves.toEqual([]);
  expect(heard).toEqual([]);
});

test('a service that lacks a right ends with exit code 2 and one message', async () => {
  await redis.command('ACL', 'SETUSER', 'lacking', 'reset', ...(documented.get('tw-worker') ?? []), '-rpush');
  const main = fileURLToPath(new URL('../apps/worker/src/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main], { env: envOf('lacking'), stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => (said += chunk));
  const [code] = await once(child, 'exit');
  expect(code).toBe(2);
  expect(said).toMatch(/^Redis at redis:.*\n {2}fix: ACL SETUSER lacking \+rpush\n.*docs\/redis\.md\n$/);
});

test('checks every command that a script of BullMQ or taskwire uses', () => {
  const checked = read('packages/redis/src/access.ts');
  const scripts = globSync(['node_modules/bullmq/dist/esm/scripts/*.js', 'packages/*/src/**/*.lua'], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
  });
  const used = scripts
    .filter((file) => !file.includes('relay'))
    .flatMap((file) =>
      Array.from(read(file).matchAll(/(?:rcall|redis\.p?call)\(\s*["']([A-Za-z]+)["']/g), ([, name = '']) =>
        name.toUpperCase(),
      ),
    );
  expect(used.length).toBeGreaterThan(500);
  const missing = [...new Set(used)].filter((name) => name !== 'PUBLISH' && !new RegExp(`\\b${name}\\b`).test(checked));
  expect(missing).toEqual([]);
});
