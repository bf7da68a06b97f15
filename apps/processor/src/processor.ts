import { setTimeout as delay } from 'node:timers/promises';
import { Admission, type Intake } from '@taskwire/admission';
import { Inbox } from '@taskwire/inbox';
import { refuseOtherFormats } from '@taskwire/monitoring/services';
import { Notifications } from '@taskwire/notify';
import { Cancelling, openQueues } from '@taskwire/queue';
import { openConnection, type Service, type ServiceContext } from '@taskwire/service';
import { Announcer, ResultsStream, TaskStore } from '@taskwire/store';
import { catalogueOf } from '@taskwire/tasks';
import { ChannelIntake } from './intake/channel.ts';
import { StreamIntake } from './intake/stream.ts';
import { TasksStream } from './intake/tasks-stream.ts';
import { Leadership } from './leadership.ts';
import { OtherInstallations } from './other-installations.ts';
import { startUpkeep } from './upkeep.ts';

/** The service that takes submissions from every intake, and hosts what only one process of an installation does. */
export async function createProcessor(context: ServiceContext): Promise<Service> {
  const { config, logger, metrics, telemetry, instance, registry } = context;
  const keyPrefix = config.redis.key_prefix;
  const taskTypes = registry.typesByQueue(registry.queues);
  const redis = openConnection(context, 'command');
  const store = new TaskStore({ redis, config });
  const announcer = new Announcer({ redis, config, logger });
  const leadership = new Leadership({ redis, config, instance, logger });
  const others = new OtherInstallations({ redis, config, logger });
  const leading = () => leadership.leading;
  const queues = await openQueues({ names: registry.queues, keyPrefix, connection: redis, logger, telemetry });
  const cancelling = new Cancelling({ redis, keyPrefix, store, registry, queues, announcer, metrics, logger, leading });
  const admission = new Admission({ ...context, store, queues, announcer, cancelling });

  const results = new ResultsStream({ redis, config });
  const catalogue = JSON.stringify(catalogueOf(registry));
  let endUpkeep: (() => void) | undefined;
  const hosted = [new Notifications({ context, redis, leading })];
  const submit: Admission['submit'] = (submission) => admission.submit(submission);
  const stream = new StreamIntake({
    stream: new TasksStream({ reader: openConnection(context, 'command'), redis, keyPrefix }),
    instance,
    batchSize: config.processor.batch_size,
    submit,
    logger,
  });
  const intakes: Intake[] = [
    stream,
    new ChannelIntake({
      subscriber: openConnection(context, 'subscriber'),
      channels: config.redis.channels.tasks,
      cancelChannel: config.redis.channels.cancel,
      logger,
      leadership,
      signs: others.signs,
      submit,
      onGap: (gap) => {
        metrics.gaps.inc();
        announcer.event(gap);
      },
    }),
  ];
  if (config.inbox.enabled) {
    intakes.push(new Inbox({ context, redis, registry, submit }));
  }

  return {
    vitals: () => {
      const { provenAt, lagMs } = leadership.proof;
      const proofs = [provenAt, stream.provenAt];
      const isProven = proofs.every((proof) => proof !== null);
      const proof = { provenAt: isProven ? Math.min(...proofs) : null, lagMs };
      return { ...proof, leader: leadership.leading, taskTypes, otherInstallations: others.names };
    },
    async start() {
      await refuseOtherFormats({ redis, keyPrefix });
      for (const each of hosted) await each.start();
      for (const intake of intakes) await intake.start();
      cancelling.start();
      endUpkeep = startUpkeep({ redis, keyPrefix, results, catalogue, leading, logger });
      others.start();
    },
    async [Symbol.asyncDispose]() {
      cancelling[Symbol.dispose]();
      endUpkeep?.();
      others[Symbol.dispose]();
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
