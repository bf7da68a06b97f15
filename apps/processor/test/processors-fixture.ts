import { randomUUID } from 'node:crypto';
import type { Submission } from '@taskwire/admission';
import { loadConfig, privateEnvironment } from '@taskwire/config';
import { leaderKey } from '@taskwire/protocol';
import { createLogger } from '@taskwire/service';
import { Redis } from 'ioredis';
import { inject, onTestFinished, vi } from 'vitest';
import { ChannelIntake } from '../src/intake/channel.ts';
import { Leadership } from '../src/leadership.ts';

const logger = createLogger({ service: 'test', level: 'silent' });

/**
 * Processors' worth of intakes and leaderships on one channel, with keys that no other test uses.
 *
 * @param connectSubscriber default: a connection that dials again at once.
 */
export function setUp({ redisUrl = inject('redisUrl'), connectSubscriber = dialAtOnce } = {}) {
  const id = randomUUID();
  const tasks = `tasks-${id}`;
  const env = privateEnvironment({ REDIS_URL: redisUrl, TASKWIRE_REDIS_KEY_PREFIX: `{test-${id}}` });
  const config = loadConfig({ env });
  const redis = new Redis(redisUrl);
  onTestFinished(() => redis.disconnect());

  /** One that notes which messages it leads for. */
  const processor = async (instance: string) => {
    const commands = new Redis(redisUrl, { maxRetriesPerRequest: null });
    const subscriber = connectSubscriber(redisUrl);
    const leadership = new Leadership({ redis: commands, config, instance, logger });
    const led: string[] = [];
    const heard: string[] = [];
    const submit = (submission: Submission) => {
      if (submission.kind === 'request') return;
      const message = Buffer.from(submission.bytes).toString();
      heard.push(message);
      if (submission.answerer === instance) led.push(message);
    };
    const onGap = vi.fn();
    const intake = new ChannelIntake({
      subscriber,
      channels: [tasks],
      cancelChannel: `cancel-${tasks}`,
      signs: [],
      leadership,
      logger,
      submit,
      onGap,
    });
    let subscriberId = 0;
    const noteId = async () => {
      subscriberId = (await subscriber.client('ID')) as number;
    };
    // It may be cut again before it has answered.
    subscriber.on('ready', () => void noteId().catch(() => undefined));
    await noteId();
    await intake.start();
    const close = () => {
      subscriber.disconnect();
      commands.disconnect();
    };
    onTestFinished(async () => {
      await leadership[Symbol.asyncDispose]();
      close();
    });
    /** Cuts its subscription. Resolves when that is done, not when it is back. */
    const cut = () => redis.client('KILL', 'ID', subscriberId);
    return { leadership, intake, led, heard, onGap, cut, commands, crash: close };
  };
  return { redis, tasks, processor, leader: () => redis.get(leaderKey(config.redis.key_prefix)) };
}

function dialAtOnce(redisUrl: string): Redis {
  return new Redis(redisUrl, { maxRetriesPerRequest: null, retryStrategy: () => 10 });
}
