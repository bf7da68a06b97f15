import { StatusReader } from '@taskwire/monitoring/status';
import { newTaskId, resultsStreamKey } from '@taskwire/protocol';
import { type PrivateRedis, type Stack, startPrivateRedis, startStack } from '@taskwire/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

let server: PrivateRedis;

beforeAll(async () => {
  server = await startPrivateRedis();
});

afterAll(() => server?.[Symbol.asyncDispose]());

const services = ['processor', 'worker'] as const;

async function start(options: Partial<Parameters<typeof startStack>[0]> = {}): Promise<Stack> {
  const stack = await startStack({ redisUrl: server.url, services, ...options });
  onTestFinished(() => stack[Symbol.asyncDispose]());
  return stack;
}

/** Another stack with the channels and the prefix of the first, in another database, and a connection to that. */
async function startBeside({ env }: Stack, db: number): Promise<Stack> {
  return start({ env: { ...env, REDIS_URL: `${server.url}/${db}` } });
}

function request(text: string, more: object = {}): object {
  return { task_type: 'reverse_string', parameters: { text }, metadata: { text }, ...more };
}

async function textsOf(stack: Stack): Promise<string[]> {
  const redis = new Redis(stack.env.REDIS_URL as string);
  const entries = await redis.xrange(resultsStreamKey(stack.config.redis.key_prefix), '-', '+');
  redis.disconnect();
  return entries.map(([, [, message]]) => JSON.parse(message as string).metadata.text);
}

test('every request without an id that PUBLISH says was heard has a result, however often the subscription is cut', async () => {
  // In a process of its own: else nothing is published between two of its writes.
  const stack = await start({ processes: ['processor'] });
  const [channel] = stack.config.redis.channels.tasks;
  const publishers = [0, 1, 2].map(() => stack.redis.duplicate());
  onTestFinished(() => publishers.forEach((publisher) => void publisher.disconnect()));
  const heard: string[] = [];
  const publish = async (publisher: Redis, count: number) => {
    while (heard.length < count) {
      const texts = Array.from({ length: 5 }, () => newTaskId());
      const sent = texts.map((text) => publisher.publish(channel, JSON.stringify(request(text))));
      const receivers = await Promise.all(sent);
      heard.push(...texts.filter((_, index) => receivers[index]));
    }
  };
  for (let cuts = 1; cuts <= 15; cuts += 1) {
    await cutSubscriptions(stack.redis);
    await Promise.all(publishers.map((publisher) => publish(publisher, cuts * 100)));
  }
  await expect.poll(async () => (await textsOf(stack)).toSorted()).toEqual(heard.toSorted());
});

test('two installations in two databases of one Redis keep a leader each, and each answers every request', async () => {
  const first = await start();
  const second = await startBeside(first, 1);
  await expect.poll(() => status(first).then(({ leaders }) => leaders)).toBe(1);
  await expect.poll(() => status(second).then(({ leaders }) => leaders)).toBe(1);
  const texts = Array.from({ length: 20 }, (_, index) => String(index));
  for (const text of texts) {
    await first.publish(request(text));
    await first.publish(request(`with id ${text}`, { task_id: text }));
  }
  const all = [...texts, ...texts.map((text) => `with id ${text}`)].toSorted();
  for (const stack of [first, second]) {
    await expect.poll(async () => (await textsOf(stack)).toSorted()).toEqual(all);
  }
});

test('an installation that hears the requests of another one names it, and no longer when that has gone', async () => {
  const first = await start();
  const { key_prefix } = first.config.redis;
  const second = await startBeside(first, 1);
  const apart = await start();
  const findings = (stack: Stack) => status(stack).then(({ titles }) => titles);
  await expect.poll(() => findings(first)).toEqual([`${key_prefix} in database 1 hears the same requests`]);
  await expect.poll(() => findings(second)).toEqual([`${key_prefix} in database 0 hears the same requests`]);
  expect(await findings(apart)).toEqual([]);
  const processor = first.services.find(({ name }) => name === 'processor');
  expect(processor?.output()).toContain('another installation hears the same requests');
  for (const service of second.services) await service.stop();
  await expect.poll(() => findings(first)).toEqual([]);
});

async function status({ env, config }: Stack): Promise<{ leaders: number; titles: string[] }> {
  const redis = new Redis(env.REDIS_URL as string);
  const { services, findings } = await new StatusReader({ config: { ...config }, redis, queues: [] }).read();
  redis.disconnect();
  return { leaders: services.filter(({ leader }) => leader).length, titles: findings.map(({ title }) => title) };
}

async function cutSubscriptions(redis: Redis): Promise<void> {
  const clients = ((await redis.client('LIST')) as string).split('\n');
  for (const client of clients.filter((line) => / name=taskwire:processor .* sub=[1-9]/.test(line))) {
    await redis.client('KILL', 'ID', / ?id=(\d+)/.exec(client)?.[1] as string);
  }
}
