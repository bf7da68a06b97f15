import { setTimeout as delay } from 'node:timers/promises';
import {
  type Arrived,
  BatchBuffer,
  createDispatch,
  createReject,
  createTakeBatch,
  overloaded,
  untilDone,
} from '@taskwire/admission';
import { Inbox } from '@taskwire/inbox';
import { Notifications } from '@taskwire/notify';
import {
  CancelFollowUp,
  CancelTasks,
  JobRemoval,
  openQueues,
  RemovalJournal,
  UnfinishedRemovals,
} from '@taskwire/queue';
import { openConnection, type Service, type ServiceContext } from '@taskwire/service';
import { Announcer, Cancellations, createAdmit, KnownTasks } from '@taskwire/store';
import { createRegistry } from '@taskwire/tasks';
import { ChannelIntake } from './intake/channel.ts';
import { Leadership } from './leadership.ts';

/** The service that takes messages in, validates them and dispatches the tasks. */
export async function createProcessor(context: ServiceContext): Promise<Service> {
  const { config, logger, metrics, telemetry, instance } = context;
  const keyPrefix = config.redis.key_prefix;
  const registry = await createRegistry(config.tasks.folders);
  const redis = openConnection(context, 'command');
  const subscriber = openConnection(context, 'subscriber');
  const announcer = new Announcer({ redis, config, logger });
  const reject = createReject({ announcer, metrics, logger });
  const leadership = new Leadership({ redis, config, instance, logger });
  const giveUp = new AbortController();
  const queues = openQueues({ names: registry.queues, keyPrefix, connection: redis, logger, telemetry });
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

  const tasks = new KnownTasks(redis, keyPrefix);
  const cancellations = new Cancellations(redis, keyPrefix);
  const journal = new RemovalJournal(redis, keyPrefix);
  const removal = new JobRemoval({ announcer, journal, tasks, metrics });
  const cancelTasks = new CancelTasks({ cancellations, removal, queues, tasks, announcer, redis });
  const followUp = new CancelFollowUp({
    cancellations,
    cancelTasks,
    removals: new UnfinishedRemovals({ queues, journal, removal, tasks, logger }),
    tasks,
    logger,
    leading: () => leadership.leading,
  });
  const cancelRetry = { what: 'Redis did not take a cancellation; trying again', logger, signal: giveUp.signal };

  const takeBatch = createTakeBatch({
    instance,
    limits,
    dispatch,
    reject,
    cancel: (taskId) => untilDone(() => cancelTasks.cancel(taskId), cancelRetry),
    leaveToOthers: (taskId) => followUp.leaveToOthers(taskId),
    metrics,
  });
  const buffer = new BatchBuffer<Arrived>({
    maxBatchMessages: config.processor.batch_size,
    maxBufferedBytes: config.processor.max_buffered_bytes,
    sizeOf: ({ bytes }) => (typeof bytes === 'number' ? bytes : bytes.length),
    process: (batch) =>
      takeBatch(batch).catch((error: unknown) => {
        if (!giveUp.signal.aborted) throw error;
        const messages = batch.filter(({ kind }) => kind !== 'file').length;
        if (messages > 0) logger.error({ messages }, 'stopped before Redis took these messages: they are lost');
      }),
    overflow: (arrived) => {
      if (arrived.kind === 'file') arrived.settle({ status: 'no_room' });
      else if (arrived.leader === instance) void reject(overloaded(arrived, limits));
    },
  });
  const channel = new ChannelIntake({
    subscriber,
    channels: config.redis.channels.tasks,
    cancelChannel: config.redis.channels.cancel,
    logger,
    leadership,
    onMessage: (bytes, kind) => buffer.push({ bytes, kind, leader: leadership.leader }),
    onGap: (gap) => {
      metrics.gaps.inc();
      announcer.event(gap);
    },
  });

  const inbox = config.inbox.enabled
    ? new Inbox({ context, redis, registry, push: (file) => buffer.push(file) })
    : undefined;

  const notifications = new Notifications({ context, redis, leading: () => leadership.leading });

  return {
    vitals: () => ({ ...leadership.proof, leader: leadership.leading }),
    async start() {
      await notifications.start();
      await channel.start();
      followUp.start();
      await inbox?.start();
    },
    async [Symbol.asyncDispose]() {
      followUp[Symbol.dispose]();
      const told = notifications[Symbol.asyncDispose]();
      inbox?.stopIntake();
      await leadership[Symbol.asyncDispose]();
      await channel[Symbol.asyncDispose]();
      const timeout = delay(config.services.stop_timeout_ms, undefined, { ref: false });
      await Promise.race([buffer.drained(), timeout]);
      giveUp.abort();
      await inbox?.[Symbol.asyncDispose]();
      await announcer[Symbol.asyncDispose]();
      await told;
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      redis.disconnect();
    },
  };
}
