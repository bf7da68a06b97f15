import { randomUUID } from 'node:crypto';
import type { Submission } from '@taskwire/admission';
import { eventSchema, type TaskEvent } from '@taskwire/protocol';
import { createLogger } from '@taskwire/service';
import { Redis } from 'ioredis';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { ChannelIntake } from '../src/intake/channel.ts';

const redisUrl = inject('redisUrl');

/** An intake on two channels of its own, and a publisher. */
async function setUp() {
  const channels = [`tasks-${randomUUID()}`, `tasks-${randomUUID()}`] as const;
  const cancelChannel = `cancel-${randomUUID()}`;
  const publisher = new Redis(redisUrl);
  const subscriber = new Redis(redisUrl, { retryStrategy: () => 10 });
  const messages: Buffer[] = [];
  const submissions: Submission[] = [];
  const gap = Promise.withResolvers<TaskEvent>();
  const onGap = vi.fn(gap.resolve);
  const control = [`leader-${randomUUID()}`, `own-${randomUUID()}`] as const;
  const leadership = {
    channels: control,
    leader: 'leader',
    join: async () => undefined,
    hear: vi.fn(),
    cut: vi.fn(),
    [Symbol.asyncDispose]: async () => undefined,
  };
  let heard = Promise.withResolvers<void>();
  const intake = new ChannelIntake({
    subscriber,
    channels,
    cancelChannel,
    signs: [],
    leadership,
    logger: createLogger({ service: 'test', level: 'silent' }),
    submit: (submission) => {
      submissions.push(submission);
      if (submission.kind !== 'request') messages.push(Buffer.from(submission.bytes));
      heard.resolve();
    },
    onGap,
  });
  onTestFinished(async () => {
    await intake[Symbol.asyncDispose]();
    publisher.disconnect();
  });
  /** Publishes, and resolves with the number of receivers when the message was heard. */
  const publish = async (channel: string, message: string | Buffer) => {
    heard = Promise.withResolvers();
    const receivers = await publisher.publish(channel, message);
    if (receivers > 0) await heard.promise;
    return receivers;
  };
  return {
    intake,
    channels,
    cancelChannel,
    publisher,
    subscriber,
    messages,
    submissions,
    gap: gap.promise,
    onGap,
    publish,
  };
}

test('hears all channels as soon as it has started', async () => {
  const { intake, channels, messages, publish } = await setUp();
  await intake.start();
  expect(await publish(channels[0], 'one')).toBe(1);
  expect(await publish(channels[1], 'two')).toBe(1);
  expect(messages.map(String)).toEqual(['one', 'two']);
});

test('brings messages that cancel tasks in order with the requests, and tells them apart', async () => {
  const { intake, channels, cancelChannel, messages, submissions, publish } = await setUp();
  await intake.start();
  for (const channel of [channels[0], cancelChannel, channels[1]]) await publish(channel, channel);
  expect(messages.map(String)).toEqual([channels[0], cancelChannel, channels[1]]);
  expect(submissions.map(({ kind }) => kind)).toEqual(['message', 'cancel', 'message']);
  expect(submissions).toMatchObject(Array(3).fill({ origin: 'channel', answerer: 'leader' }));
});

test('brings every byte as it was sent', async () => {
  const { intake, channels, messages, publish } = await setUp();
  await intake.start();
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  await publish(channels[0], bytes);
  await publish(channels[0], '');
  expect(messages).toEqual([bytes, Buffer.alloc(0)]);
});

test('after a cut it hears again, and tells since when it did not', async () => {
  const { intake, channels, cancelChannel, publisher, subscriber, messages, gap, onGap, publish } = await setUp();
  const id = (await subscriber.client('ID')) as number;
  await intake.start();
  const before = Date.now();
  await publisher.client('KILL', 'ID', id);
  const event = await gap;
  expect(eventSchema.parse(event)).toMatchObject({
    event: 'intake_gap',
    channels: [...channels, cancelChannel],
  });
  const { disconnected_at, timestamp } = event as TaskEvent & { event: 'intake_gap' };
  expect(Date.parse(disconnected_at)).toBeGreaterThanOrEqual(before);
  expect(Date.parse(timestamp)).toBeGreaterThanOrEqual(Date.parse(disconnected_at));
  expect(await publish(channels[1], 'again')).toBe(1);
  expect(messages.map(String)).toEqual(['again']);
  expect(onGap).toHaveBeenCalledTimes(1);
});

test('hears nothing once it is stopped, and does not take that for a cut', async () => {
  const { intake, channels, messages, onGap, publish } = await setUp();
  await intake.start();
  await intake.stop();
  expect(await publish(channels[0], 'too late')).toBe(0);
  expect(messages).toEqual([]);
  expect(onGap).not.toHaveBeenCalled();
});
