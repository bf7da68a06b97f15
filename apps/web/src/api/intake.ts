import { Admission, type Content, type Settled, type Validated } from '@taskwire/admission';
import { encodeCancel } from '@taskwire/protocol';
import { Cancelling, openQueues } from '@taskwire/queue';
import { openConnection, type ServiceContext } from '@taskwire/service';
import { Announcer, TaskStore } from '@taskwire/store';
import { inTime } from './in-time.ts';

/** Requests of the HTTP API on their way to their queues. */
export interface HttpIntake extends AsyncDisposable {
  /**
   * The outcome of each, when all have one; undefined when Redis did not take them in time: they may still become tasks.
   *
   * @param options.quiet whether the conflict with a task of the same id is not published.
   */
  submit(asked: readonly Validated[], options: { bytes: number; quiet?: boolean }): Promise<Settled[] | undefined>;
  /** The same for a cancel. */
  cancel(taskId: string): Promise<Settled | undefined>;
}

/** Nobody waits longer to hear that Redis is away. */
const ANSWER_WITHIN_MS = 5000;

/** An intake like those of the processor: with an admission of its own, so that a task is durable when its request is answered. */
export async function createHttpIntake(context: ServiceContext): Promise<HttpIntake> {
  const { config, logger, metrics, telemetry, instance, registry } = context;
  const keyPrefix = config.redis.key_prefix;
  const redis = openConnection(context, 'command');
  const store = new TaskStore({ redis, config });
  const announcer = new Announcer({ redis, config, logger });
  const queues = await openQueues({ names: registry.queues, keyPrefix, connection: redis, logger, telemetry });
  // What cannot be done at once is done by the leading processor.
  const leading = () => false;
  const cancelling = new Cancelling({ redis, keyPrefix, store, registry, queues, announcer, metrics, logger, leading });
  const admission = new Admission({ ...context, store, queues, announcer, cancelling });

  /** One promise and one timer for all: of each, they would cost as much as a part of its admission. */
  function settledInTime(contents: readonly Content[]): Promise<Settled[] | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), ANSWER_WITHIN_MS);
      const all: Settled[] = [];
      let open = contents.length;
      for (const [index, content] of contents.entries()) {
        const settle = (settled: Settled) => {
          all[index] = settled;
          open -= 1;
          if (open > 0) return;
          clearTimeout(timer);
          resolve(all);
        };
        admission.submit({ ...content, origin: 'http', answerer: instance, settle });
      }
    });
  }

  return {
    submit(asked, { bytes, quiet = false }) {
      const size = Math.ceil(bytes / asked.length);
      const contents = asked.map((validated): Content => ({ kind: 'request', validated, size, quiet }));
      return settledInTime(contents);
    },
    async cancel(taskId) {
      const settled = await settledInTime([{ kind: 'cancel', bytes: Buffer.from(encodeCancel(taskId)) }]);
      return settled?.[0];
    },
    async [Symbol.asyncDispose]() {
      await inTime(admission.drained(), config.services.stop_timeout_ms);
      admission.giveUp();
      await announcer[Symbol.asyncDispose]();
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      redis.disconnect();
    },
  };
}
