import { type Config, ConfigError } from '@taskwire/config';
import { resultsStreamKey } from '@taskwire/protocol';
import { openConnection, type ServiceContext } from '@taskwire/service';
import type { Redis } from 'ioredis';
import { CommandReceiver } from './command-receiver.ts';
import { Notifier } from './notifier.ts';
import type { Receiver } from './receiver.ts';
import { groupOf, ResultsGroup } from './results-group.ts';
import { WebhookReceiver } from './webhook-receiver.ts';

export interface NotificationsOptions {
  context: ServiceContext;
  /** A connection for commands. */
  redis: Redis;
  /** Whether this processor is the one to tell. */
  leading: () => boolean;
}

const FORGET_INTERVAL_MS = 10_000;

const KINDS: readonly Receiver['kind'][] = ['command', 'webhook'];

/** Tells `notify.command` and `notify.webhook` of every task that ended. Without these it does nothing
 * but remove their groups, for which the stream would keep everything. */
export class Notifications implements AsyncDisposable {
  readonly #notifiers: readonly Notifier[];
  /** The groups of receivers that are not configured. */
  readonly #stale: readonly string[];
  readonly #redis: Redis;
  readonly #key: string;
  readonly #leading: () => boolean;
  #timer: NodeJS.Timeout | undefined;

  /** @throws ConfigError when the configuration cannot work. */
  constructor({ context, redis, leading }: NotificationsOptions) {
    const { config, logger } = context;
    const { task_types: taskTypes, attempts } = config.notify;
    const keyPrefix = config.redis.key_prefix;
    const receivers = receiversOf(config);
    this.#notifiers = receivers.map((receiver) => {
      const reader = openConnection(context, 'command');
      const group = new ResultsGroup({ reader, redis, keyPrefix, kind: receiver.kind });
      const stopTimeoutMs = config.services.stop_timeout_ms;
      return new Notifier({ receiver, group, taskTypes, attempts, stopTimeoutMs, leading, logger });
    });
    this.#redis = redis;
    this.#leading = leading;
    this.#key = resultsStreamKey(keyPrefix);
    const gone = KINDS.filter((kind) => receivers.every((receiver) => receiver.kind !== kind));
    this.#stale = gone.map(groupOf);
    const about = (kind: Receiver['kind']) => receivers.find((receiver) => receiver.kind === kind)?.shown;
    const told = { command: about('command'), webhook: about('webhook'), task_types: taskTypes };
    if (receivers.length > 0) logger.info(told, 'the leading processor notifies of ended tasks');
  }

  /** Resolves when every task that ends from now on will be told. */
  async start(): Promise<void> {
    // One that is set up again later is told of tasks that end from then on, not of all that ended meanwhile.
    await this.#forget();
    // A processor that is being replaced, and still has the receiver, may make its group again.
    this.#timer = setInterval(() => this.#leading() && void this.#forget().catch(() => undefined), FORGET_INTERVAL_MS);
    await Promise.all(this.#notifiers.map((notifier) => notifier.start()));
  }

  async #forget(): Promise<void> {
    for (const group of this.#stale) await this.#redis.xgroup('DESTROY', this.#key, group).catch(ignoreMissing);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#notifiers.map((notifier) => notifier[Symbol.asyncDispose]()));
  }
}

function receiversOf({ notify, results }: Config): Receiver[] {
  const { command, webhook, webhook_secret: secret, timeout_ms: timeoutMs } = notify;
  const receivers: Receiver[] = [];
  if (command) receivers.push(new CommandReceiver({ command, timeoutMs }));
  if (webhook) receivers.push(new WebhookReceiver({ url: webhook, secret, timeoutMs }));
  if (receivers.length > 0 && results.stream_max_length === 0) {
    const message = 'must not be 0: notify.command and notify.webhook read the results stream';
    throw new ConfigError('notifications', [{ path: 'results.stream_max_length', message, fix: 'leave it out' }]);
  }
  return receivers;
}

/** Without a stream there is no group to remove. */
function ignoreMissing({ message }: Error): void {
  if (!message.startsWith('ERR The XGROUP')) throw new Error(message);
}
