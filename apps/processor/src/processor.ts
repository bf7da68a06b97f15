import { setTimeout as delay } from 'node:timers/promises';
import type { Rejection } from '@taskwire/protocol';
import { Announcer, openConnection, openQueues, type Service, type ServiceContext } from '@taskwire/runtime';
import { createRegistry } from '@taskwire/tasks';
import { createAdmit } from './admit.ts';
import { createDispatch } from './dispatch.ts';
import { BatchBuffer } from './intake/batch-buffer.ts';
import { ChannelIntake } from './intake/channel.ts';
import { Leadership } from './leadership.ts';
import { createReject } from './reject.ts';
import { type ValidTask, validate } from './validate.ts';

/** A message, and the processor that led when it came; empty when that is not known. */
interface Arrived {
  bytes: Uint8Array;
  leader: string;
}

/** The service that takes messages in, validates them and dispatches the tasks. */
export async function createProcessor(context: ServiceContext): Promise<Service> {
  const { config, logger, metrics, telemetry, instance } = context;
  const registry = await createRegistry(config.tasks.folders);
  const redis = openConnection(context, 'command');
  const subscriber = openConnection(context, 'subscriber');
  const announcer = new Announcer({ redis, config, logger });
  const reject = createReject({ announcer, metrics, logger });
  const leadership = new Leadership({ redis, config, instance, logger });
  const giveUp = new AbortController();
  const queues = openQueues({
    names: registry.queues,
    keyPrefix: config.redis.key_prefix,
    connection: redis,
    logger,
    telemetry,
  });
  const dispatch = createDispatch({
    admit: createAdmit({ redis, config, instance }),
    instance,
    queues,
    announcer,
    reject,
    metrics,
    telemetry,
    logger,
    signal: giveUp.signal,
  });
  const limits = { registry, maxBytes: config.processor.max_message_bytes };

  const buffer = new BatchBuffer<Arrived>({
    maxBatchMessages: config.processor.batch_size,
    maxBufferedBytes: config.processor.max_buffered_bytes,
    sizeOf: ({ bytes }) => bytes.length,
    process: async (batch) => {
      // Almost always one list: it is the leader that changes in the middle of a batch that makes two.
      const tasks = new Map<string, ValidTask[]>();
      const answered: Promise<void>[] = [];
      for (const { bytes, leader } of batch) {
        const leading = leader === instance;
        const validated = validate(bytes, limits);
        if (validated.status === 'rejected') {
          if (leading) answered.push(reject(validated.rejection));
        } else if (leading || validated.named) {
          // The id of a copy makes it one task: so it is durable even if the leading processor dies just now.
          const list = tasks.get(leader);
          if (list) list.push(validated.task);
          else tasks.set(leader, [validated.task]);
        }
      }
      metrics.received.inc({ intake: 'channel' }, (tasks.get(instance)?.length ?? 0) + answered.length);
      const dispatched = [...tasks].map(([leader, list]) => dispatch(list, leader));
      await Promise.all([...dispatched, ...answered]).catch((error: unknown) => {
        if (!giveUp.signal.aborted) throw error;
        logger.error({ messages: batch.length }, 'stopped before Redis took these messages: they are lost');
      });
    },
    overflow: ({ bytes, leader }) => {
      if (leader === instance) void reject(overloaded(bytes));
    },
  });
  const channel = new ChannelIntake({
    subscriber,
    channels: config.redis.channels.tasks_queue,
    logger,
    leadership,
    onMessage: (bytes) => buffer.push({ bytes, leader: leadership.leader }),
    onGap: (gap) => {
      metrics.gaps.inc();
      announcer.event(gap);
    },
  });

  /** A message that is not taken in for want of room; its sender is told, if it can be read. */
  function overloaded(message: Uint8Array): Rejection {
    const validated = validate(message, limits);
    if (validated.status === 'rejected') return validated.rejection;
    const error = 'The processor has too much waiting; send this again later (processor.max_buffered_bytes)';
    return { code: 'overloaded', error, task: validated.task.request };
  }

  return {
    vitals: () => ({ ...leadership.proof, leader: leadership.leading }),
    async start() {
      await channel.start();
    },
    async [Symbol.asyncDispose]() {
      await leadership[Symbol.asyncDispose]();
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
