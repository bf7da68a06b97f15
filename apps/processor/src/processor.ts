import { setTimeout as delay } from 'node:timers/promises';
import { Admission, type Intake } from '@taskwire/admission';
import { Inbox } from '@taskwire/inbox';
import { refuseOtherFormats } from '@taskwire/monitoring';
import { Notifications } from '@taskwire/notify';
import { Cancelling, openQueues } from '@taskwire/queue';
import { openConnection, type Service, type ServiceContext } from '@taskwire/service';
import { Announcer, TaskStore } from '@taskwire/store';
import { createRegistry } from '@taskwire/tasks';
import { ChannelIntake } from './intake/channel.ts';
import { Leadership } from './leadership.ts';

/** The service that takes submissions from every intake, and hosts what only one process of an installation does. */
export async function createProcessor(context: ServiceContext): Promise<Service> {
  const { config, logger, metrics, telemetry, instance } = context;
  const keyPrefix = config.redis.key_prefix;
  const registry = await createRegistry(config.tasks.folders);
  const redis = openConnection(context, 'command');
  const store = new TaskStore({ redis, config });
  const announcer = new Announcer({ redis, config, logger });
  const leadership = new Leadership({ redis, config, instance, logger });
  const leading = () => leadership.leading;
  const queues = await openQueues({ names: registry.queues, keyPrefix, connection: redis, logger, telemetry });
  const cancelling = new Cancelling({ redis, keyPrefix, store, queues, announcer, metrics, logger, leading });
  const admission = new Admission({ ...context, registry, store, queues, announcer, cancelling });

  const hosted = [new Notifications({ context, redis, leading })];
  const intakes: Intake[] = [
    new ChannelIntake({
      subscriber: openConnection(context, 'subscriber'),
      channels: config.redis.channels.tasks,
      cancelChannel: config.redis.channels.cancel,
      logger,
      leadership,
      submit: (submission) => admission.submit(submission),
      onGap: (gap) => {
        metrics.gaps.inc();
        announcer.event(gap);
      },
    }),
  ];
  if (config.inbox.enabled) {
    intakes.push(new Inbox({ context, redis, registry, submit: (submission) => admission.submit(submission) }));
  }

  return {
    vitals: () => ({ ...leadership.proof, leader: leadership.leading }),
    async start() {
      await refuseOtherFormats({ redis, keyPrefix });
      for (const each of hosted) await each.start();
      for (const intake of intakes) await intake.start();
      cancelling.start();
    },
    async [Symbol.asyncDispose]() {
      cancelling[Symbol.dispose]();
      const hostsEnded = hosted.map((each) => each[Symbol.asyncDispose]());
      await Promise.all(intakes.map((intake) => intake.stop()));
      const timeout = delay(config.services.stop_timeout_ms, undefined, { ref: false });
      await Promise.race([admission.drained(), timeout]);
      admission.giveUp();
      await Promise.all(intakes.map((intake) => intake[Symbol.asyncDispose]()));
      await announcer[Symbol.asyncDispose]();
      await Promise.all([...hostsEnded, ...[...queues.values()].map((queue) => queue.close())]);
      redis.disconnect();
    },
  };
}
