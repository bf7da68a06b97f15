import { setTimeout as delay } from 'node:timers/promises';
import type { Rejection } from '@taskwire/protocol';
import { Announcer, openConnection, openQueues, type Service, type ServiceContext } from '@taskwire/runtime';
import { createRegistry } from '@taskwire/tasks';
import { createAdmit } from './admit.ts';
import { createDispatch } from './dispatch.ts';
import { BatchBuffer } from './intake/batch-buffer.ts';
import { ChannelIntake } from './intake/channel.ts';
import { reject } from './reject.ts';
import { type ValidTask, validate } from './validate.ts';

/** The service that takes messages in, validates them and dispatches the tasks. */
export async function createProcessor(context: ServiceContext): Promise<Service> {
  const { config, logger } = context;
  const registry = await createRegistry(config.tasks.folders);
  const redis = openConnection(context, 'command');
  const subscriber = openConnection(context, 'subscriber');
  const announcer = new Announcer({ redis, config, logger });
  const giveUp = new AbortController();
  const queues = openQueues({ names: registry.queues, keyPrefix: config.redis.key_prefix, connection: redis, logger });
  const dispatch = createDispatch({
    admit: createAdmit(redis, config),
    queues,
    announcer,
    logger,
    signal: giveUp.signal,
  });
  const limits = { registry, maxBytes: config.processor.max_message_bytes };

  const buffer = new BatchBuffer({
    maxBatchMessages: config.processor.batch_size,
    maxBufferedBytes: config.processor.max_buffered_bytes,
    process: async (batch) => {
      const tasks: ValidTask[] = [];
      const answered: Promise<void>[] = [];
      for (const message of batch) {
        const validated = validate(message, limits);
        if (validated.status === 'valid') tasks.push(validated.task);
        else answered.push(reject(validated.rejection, announcer));
      }
      await Promise.all([dispatch(tasks), ...answered]).catch((error: unknown) => {
        if (!giveUp.signal.aborted) throw error;
        logger.error({ messages: batch.length }, 'stopped before Redis took these messages: they are lost');
      });
    },
    overflow: (message) => {
      void reject(overloaded(message), announcer);
    },
  });
  const channel = new ChannelIntake({
    subscriber,
    channels: config.redis.channels.tasks_queue,
    logger,
    onMessage: (message) => buffer.push(message),
    onGap: (gap) => announcer.event(gap),
  });

  /** A message that is not taken in for want of room; its sender is told, if it can be read. */
  function overloaded(message: Uint8Array): Rejection {
    const validated = validate(message, limits);
    if (validated.status === 'rejected') return validated.rejection;
    const error = 'The processor has too much waiting; send this again later (processor.max_buffered_bytes)';
    return { code: 'overloaded', error, task: validated.task.request };
  }

  return {
    async start() {
      await channel.start();
    },
    async [Symbol.asyncDispose]() {
      await channel[Symbol.asyncDispose]();
      const timeout = delay(config.services.stop_timeout_ms, undefined, { ref: false });
      await Promise.race([buffer.drained(), timeout]);
      giveUp.abort();
      await announcer[Symbol.asyncDispose]();
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      redis.disconnect();
    },
  };
}
