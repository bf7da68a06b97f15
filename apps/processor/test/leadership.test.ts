import { randomUUID } from 'node:crypto';
import type { Submission } from '@taskwire/admission';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { leaderKey } from '@taskwire/protocol';
import { createLogger } from '@taskwire/service';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { ChannelIntake } from '../src/intake/channel.ts';
import { Leadership } from '../src/leadership.ts';

const redisUrl = inject('redisUrl');
const logger = createLogger({ service: 'test', level: 'silent' });

/** Processors' worth of intakes and leaderships on one channel, with keys that no other test uses. */
function setUp() {
  const id = randomUUID();
  const tasks = `tasks-${id}`;
  const env = privateEnvironment({ REDIS_URL: redisUrl, TASKWIRE_REDIS_KEY_PREFIX: `{test-${id}}` });
  const config = loadConfig({ env });
  const redis = new Redis(redisUrl);
  onTestFinished(() => redis.disconnect());

  /** One that notes which messages it leads for. */
  const processor = async (instance: string) => {
    const commands = new Redis(redisUrl, { maxRetriesPerRequest: null });
    const subscriber = new Redis(redisUrl, { maxRetriesPerRequest: null, retryStrategy: () => 10 });
    const leadership = new Leadership({ redis: commands, config, instance, logger });
    const led: string[] = [];
    const heard: string[] = [];
    const submit = (submission: Submission) => {
      if (submission.kind === 'request') return;
      const message = Buffer.from(submission.bytes).toString();
      heard.push(message);
      if (submission.answerer === instance) led.push(message);
    };
    const intake = new ChannelIntake({
      subscriber,
      channels: [tasks],
      cancelChannel: `cancel-${tasks}`,
      leadership,
      logger,
      submit,
      onGap: () => {},
    });
    const subscriberId = (await subscriber.client('ID')) as number;
    await intake.start();
    const close = () => {
      subscriber.disconnect();
      commands.disconnect();
    };
    onTestFinished(async () => {
      await leadership[Symbol.asyncDispose]();
      close();
    });
    return { leadership, intake, led, heard, subscriberId, crash: close };
  };
  return { redis, tasks, processor, leader: () => redis.get(leaderKey(config.redis.key_prefix)) };
}

test('begins also when Redis went away just as it began', async () => {
  const redis = {
    defineCommand: () => undefined,
    'taskwire-lead': async () => 1,
    'taskwire-resign': async () => 0,
    status: 'end',
  } as unknown as Redis;
  const config = loadConfig({ env: privateEnvironment({}) });
  await using leadership = new Leadership({ redis, config, instance: 'one', logger });
  const started = leadership.start();
  leadership.cut();
  const resumed = leadership.resume();
  leadership.hear(leadership.channels[1], '');
  await Promise.all([started, resumed]);
});

test('the first processor leads before a message reaches it, and a second one does not', async () => {
  const { processor, leader } = setUp();
  const one = await processor('one');
  expect(one.leadership.leading).toBe(true);
  const other = await processor('other');
  expect(one.leadership.leading).toBe(true);
  expect(other.leadership.leading).toBe(false);
  expect(other.leadership.leader).toBe('one');
  expect(await leader()).toBe('one');
});

test('proves that it hears, and how long that takes', async () => {
  const { leadership } = await setUp().processor('one');
  expect(Date.now() - (leadership.proof.provenAt ?? 0)).toBeLessThan(2000);
  expect(leadership.proof.lagMs).toBeGreaterThanOrEqual(0);
});

test('while the lead is handed over, each message has exactly one leader', async () => {
  const { processor, redis, tasks } = setUp();
  const [one, other] = [await processor('one'), await processor('other')];
  const published: string[] = [];
  let stopping: Promise<void> | undefined;
  while (!other.leadership.leading || published.length < 500) {
    const message = String(published.length);
    published.push(message);
    await redis.publish(tasks, message);
    if (published.length === 100) stopping = one.leadership[Symbol.asyncDispose]();
  }
  await stopping;
  await vi.waitFor(() => expect([one.heard.length, other.heard.length]).toEqual([published.length, published.length]));
  expect(one.led.length).toBeGreaterThanOrEqual(100);
  expect([...one.led, ...other.led]).toEqual(published);
});

test('a leader that died is replaced with the next claim, not when its lease ends', async () => {
  const { processor, leader } = setUp();
  const [one, other] = [await processor('one'), await processor('other')];
  one.crash();
  await vi.waitFor(() => expect(other.leadership.leading).toBe(true), { timeout: 3000 });
  expect(await leader()).toBe('other');
});

test('a processor that starts after a leader was killed leads at once', async () => {
  const { processor } = setUp();
  (await processor('killed')).crash();
  expect((await processor('next')).leadership.leading).toBe(true);
});

test('a leader whose subscription was cut leads again when it hears again', async () => {
  const { processor, redis, tasks } = setUp();
  const one = await processor('one');
  await redis.client('KILL', 'ID', one.subscriberId);
  await vi.waitFor(() => expect(one.leadership.leading).toBe(false), { interval: 1 });
  await vi.waitFor(() => expect(one.leadership.leading).toBe(true), { interval: 1 });
  await redis.publish(tasks, 'again');
  await vi.waitFor(() => expect(one.led).toEqual(['again']));
});

test('a leader that Redis has refused once is told again that it leads', async () => {
  const { processor, redis, tasks } = setUp();
  const [one, other] = [await processor('one'), await processor('other')];
  one.leadership.cut();
  await vi.waitFor(() => expect(one.leadership.leading).toBe(true), { timeout: 3000 });
  await redis.publish(tasks, 'again');
  await vi.waitFor(() => expect(one.led).toEqual(['again']));
  expect(other.led).toEqual([]);
});

test('whoever has been a follower waits for its successor, too', async () => {
  const { processor, redis, tasks } = setUp();
  const [first, second] = [await processor('first'), await processor('second')];
  await first.leadership[Symbol.asyncDispose]();
  first.crash();
  const third = await processor('third');
  const published: string[] = [];
  const stopped = second.leadership[Symbol.asyncDispose]();
  let gone = false;
  void stopped.then(() => (gone = true));
  while (!gone) {
    published.push(String(published.length));
    await redis.publish(tasks, published.at(-1) as string);
  }
  await vi.waitFor(() => expect(third.heard.length).toBe(published.length));
  expect([...second.led, ...third.led]).toEqual(published);
  await expect.poll(() => third.leadership.leading).toBe(true);
});

test('whoever stops alone leaves no leader behind', async () => {
  const { processor, leader } = setUp();
  const one = await processor('one');
  await one.leadership[Symbol.asyncDispose]();
  expect(await leader()).toBeNull();
});
