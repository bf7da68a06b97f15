import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { type RedisServer, type Stack, startRedisServer, startStack } from '@taskwire/testing';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test, vi } from 'vitest';

// Sentinels take seconds to find each other.
vi.setConfig({ testTimeout: 60_000 });

async function started(...given: Parameters<typeof startRedisServer>): Promise<RedisServer> {
  const server = await startRedisServer(...given);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

/** A primary and its replica, in step. */
async function startPair(): Promise<[primary: RedisServer, replica: RedisServer]> {
  const fast = ['repl-diskless-sync-delay 0'];
  const primary = await started(fast);
  const replica = await started([...fast, `replicaof 127.0.0.1 ${primary.port}`]);
  await expect.poll(async () => String(await replica.command('INFO replication'))).toContain('master_link_status:up');
  return [primary, replica];
}

/** An address that stays while the server behind it changes. Connections that there are stay with the server they have. */
async function startFixedAddress(server: RedisServer): Promise<{ url: string; leadTo: (next: RedisServer) => void }> {
  let target = server.port;
  const proxy = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const)
      one.on('error', () => other.destroy()).pipe(other);
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => void proxy.close());
  const { port } = proxy.address() as AddressInfo;
  return { url: `redis://127.0.0.1:${port}`, leadTo: (next) => (target = next.port) };
}

/**
 * Publishes tasks without an id at a server, as long as it says that nobody hears them, then until one has its result.
 */
async function untilConsuming(server: RedisServer, { config }: Stack): Promise<void> {
  const { tasks, results } = config.redis.channels;
  const redis = new Redis(server.port);
  const subscriber = new Redis(server.port);
  onTestFinished(() => void [redis, subscriber].map((each) => each.disconnect()));
  await subscriber.subscribe(results);
  const result = once(subscriber, 'message');
  const request = JSON.stringify({ task_type: 'reverse_string', parameters: { text: 'abc' } });
  await expect.poll(() => redis.publish(tasks[0], request), { interval: 50 }).toBeGreaterThan(0);
  // It may have been heard by a processor that does not lead yet.
  const timer = setInterval(() => void redis.publish(tasks[0], request), 50);
  const [, message] = await result.finally(() => clearInterval(timer));
  expect(JSON.parse(message)).toMatchObject({ status: 'completed', result: { reversed_text: 'cba' } });
}

/** Three, of which two decide. */
async function startSentinels(primary: RedisServer): Promise<RedisServer[]> {
  const settings = [
    `sentinel monitor main 127.0.0.1 ${primary.port} 2`,
    'sentinel down-after-milliseconds main 1000',
    'sentinel failover-timeout main 5000',
    'requirepass sentinels-own',
  ];
  const sentinels = await Promise.all([1, 2, 3].map(() => started(settings, '--sentinel')));
  for (const each of sentinels) {
    await expect.poll(() => each.command('SENTINEL CKQUORUM main').catch(String)).toMatch(/^OK 3/);
  }
  return sentinels;
}

async function startWithSentinels(): Promise<{
  stack: Stack;
  primary: RedisServer;
  replica: RedisServer;
  sentinels: RedisServer[];
}> {
  const [primary, replica] = await startPair();
  const sentinels = await startSentinels(primary);
  const env = {
    REDIS_URL: '',
    TASKWIRE_REDIS_SENTINELS: sentinels.map(({ address }) => address).join(','),
    TASKWIRE_REDIS_SENTINEL_MASTER: 'main',
    TASKWIRE_REDIS_SENTINEL_PASSWORD: 'sentinels-own',
  };
  const stack = await startStack({ redisUrl: primary.url, services: ['processor', 'worker'], env });
  onTestFinished(() => stack[Symbol.asyncDispose]());
  await untilConsuming(primary, stack);
  return { stack, primary, replica, sentinels };
}

async function promoted(replica: RedisServer): Promise<void> {
  await expect.poll(() => replica.command('ROLE'), { interval: 20 }).toContain('master');
}

test('follows its address to another server when the primary becomes a replica and keeps its connections', async () => {
  const [primary, replica] = await startPair();
  const { url, leadTo } = await startFixedAddress(primary);
  await using stack = await startStack({ redisUrl: url, services: ['processor', 'worker'] });
  await untilConsuming(primary, stack);
  await replica.command('REPLICAOF NO ONE');
  await primary.command(`REPLICAOF 127.0.0.1 ${replica.port}`);
  // What dials again meanwhile finds the old one, and must not be content with it.
  for (const { output } of stack.services) await expect.poll(output).toMatch(/READONLY|is a replica/);
  leadTo(replica);
  await untilConsuming(replica, stack);
});

test('follows a failover that the Sentinels were asked for, and does not mind that one of them is away', async () => {
  const { stack, replica, sentinels } = await startWithSentinels();
  const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  onTestFinished(() => printed.mockRestore());
  await sentinels[2]?.kill();
  await sentinels[0]?.command('SENTINEL FAILOVER main');
  await promoted(replica);
  await untilConsuming(replica, stack);
  expect(printed.mock.calls.flat().join()).not.toContain(`127.0.0.1:${sentinels[2]?.port}`);
});

test('follows the Sentinels when the primary is killed', async () => {
  const { stack, primary, replica } = await startWithSentinels();
  await primary.kill();
  await promoted(replica);
  await untilConsuming(replica, stack);
});
