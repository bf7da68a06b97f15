import { setTimeout as delay } from 'node:timers/promises';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { connect } from '@taskwire/redis';
import { startPrivateRedis, startTcpProxy } from '@taskwire/testing';
import type { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { setUp } from './processors-fixture.ts';

/** As in production. */
function subscriberOf(redisUrl: string) {
  const { redis: config } = loadConfig({ env: privateEnvironment({ REDIS_URL: redisUrl }) });
  return connect({ config, role: 'subscriber', name: 'test' });
}

test('however often the subscription is cut, whatever PUBLISH says was heard has a leader', async () => {
  const { processor, redis, tasks } = setUp();
  const publishers = [redis, redis.duplicate(), redis.duplicate()];
  onTestFinished(() => publishers.forEach((publisher) => void publisher.disconnect()));
  const one = await processor('one');
  const heard: string[] = [];
  let published = 0;
  const publish = async (publisher: Redis, count: number) => {
    while (heard.length < count) {
      const messages = Array.from({ length: 20 }, () => String(published++));
      const receivers = await Promise.all(messages.map((message) => publisher.publish(tasks, message)));
      heard.push(...messages.filter((_, index) => receivers[index]));
    }
  };
  for (let cuts = 1; cuts <= 30; cuts += 1) {
    await one.cut();
    await Promise.all(publishers.map((publisher) => publish(publisher, cuts * 100)));
  }
  await vi.waitFor(() => expect(one.led.toSorted()).toEqual(heard.toSorted()));
  expect(published).toBeGreaterThan(heard.length);
});

test('while the subscriptions of two are cut, no message has two leaders', async () => {
  const { processor, redis, tasks } = setUp();
  const both = [await processor('one'), await processor('other')];
  for (let cuts = 1; cuts <= 20; cuts += 1) {
    await both[cuts % 2]?.cut();
    for (let message = 0; message < 50; message += 1) await redis.publish(tasks, `${cuts}-${message}`);
  }
  const led = both.flatMap((one) => one.led);
  expect(new Set(led).size).toBe(led.length);
  await expect.poll(() => both.filter(({ leadership }) => leadership.leading).length).toBe(1);
});

test('a processor whose subscription is cut hears again who took the lead meanwhile', async () => {
  const { processor, redis, tasks } = setUp();
  const [one, other] = [await processor('one'), await processor('other')];
  const resigned = one.leadership[Symbol.asyncDispose]();
  await other.cut();
  await resigned;
  await expect.poll(() => other.leadership.leading).toBe(true);
  await redis.publish(tasks, 'later');
  await vi.waitFor(() => expect(other.led).toEqual(['later']));
});

test('whoever is stopping does not take the lead again when its subscription comes back', async () => {
  const { processor, leader } = setUp();
  const one = await processor('one');
  // It is asked to take over, and does not answer.
  (await processor('other')).commands.disconnect();
  const stopped = one.intake.stop();
  await one.cut();
  await stopped;
  expect(await leader()).toBeNull();
});

test('a leader that heard of a false one is told the truth with its next claim', async () => {
  const { processor, redis } = setUp();
  const one = await processor('one');
  await redis.publish(one.leadership.channels[0], 'nobody');
  await vi.waitFor(() => expect(one.leadership.leading).toBe(false));
  await vi.waitFor(() => expect(one.leadership.leading).toBe(true), { timeout: 3000 });
});

test('a subscription over a dead connection is made again while Redis answers others', async () => {
  await using proxy = await startTcpProxy(Number(new URL(inject('redisUrl')).port));
  const { processor, redis, tasks } = setUp({
    connectSubscriber: () => subscriberOf(`redis://127.0.0.1:${proxy.port}`),
  });
  const one = await processor('one');
  proxy.mute();
  await expect.poll(() => redis.publish(tasks, 'again').then(() => one.led), { timeout: 4000 }).toContain('again');
  expect(one.onGap).toHaveBeenCalledTimes(1);
});

test('what Redis delivers after it was frozen is heard: the subscription is not given up meanwhile', async () => {
  const frozen = await startPrivateRedis();
  onTestFinished(() => frozen[Symbol.asyncDispose]());
  const { processor, redis, tasks } = setUp({ redisUrl: frozen.url, connectSubscriber: subscriberOf });
  const one = await processor('one');
  frozen.process.kill('SIGSTOP');
  const messages = Array.from({ length: 500 }, (_, index) => String(index));
  const receivers = Promise.all(messages.map((message) => redis.publish(tasks, message)));
  // The fault itself lasts so long.
  await delay(6000);
  frozen.process.kill('SIGCONT');
  const goesOnAt = Date.now();
  expect(new Set(await receivers)).toEqual(new Set([1]));
  await vi.waitFor(() => expect(one.led).toEqual(messages));
  await expect.poll(() => one.leadership.proof.provenAt).toBeGreaterThan(goesOnAt + 1000);
  expect(one.onGap).not.toHaveBeenCalled();
});
