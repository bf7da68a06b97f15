import { type Config, ConfigError } from '@taskwire/config';
import { notifiedKey } from '@taskwire/protocol';
import { openConnection, type ServiceContext } from '@taskwire/service';
import { ResultsGroup, type ResultsGroupOptions, removeResultsGroup } from '@taskwire/store';
import type { Redis } from 'ioredis';
import { CommandReceiver } from './command-receiver.ts';
import { Notifier } from './notifier.ts';
import type { Receiver } from './receiver.ts';
import { WebhookReceiver } from './webhook-receiver.ts';

export interface NotificationsOptions {
  context: ServiceContext;
  /** A connection for commands. */
  redis: Redis;
  /** Whether this processor is the one to tell. */
  leading: () => boolean;
}

/** So few that a portion of large results fits into memory. */
const PORTION = 8;

const REMOVE_INTERVAL_MS = 10_000;

/** Tells `notify.command` and `notify.webhook` of tasks that ended. Without these it only removes their groups. */
export class Notifications implements AsyncDisposable {
  readonly #notifiers: readonly Notifier[];
  readonly #removeStale: () => Promise<unknown>;
  readonly #leading: () => boolean;
  #timer: NodeJS.Timeout | undefined;

  /** @throws ConfigError when the configuration cannot work. */
  constructor({ context, redis, leading }: NotificationsOptions) {
    const { config, logger } = context;
    const { task_types: taskTypes, only_failures: onlyFailures, attempts } = config.notify;
    const keyPrefix = config.redis.key_prefix;
    const { command, webhook } = receiversOf(config);
    const receivers: readonly Receiver[] = [command, webhook].filter((receiver) => receiver !== undefined);
    this.#notifiers = receivers.map((receiver) => {
      const reader = openConnection(context, 'command');
      const group = groupOf(receiver.kind, { reader, redis, keyPrefix });
      const stopTimeoutMs = config.services.stop_timeout_ms;
      return new Notifier({ receiver, group, taskTypes, onlyFailures, attempts, stopTimeoutMs, leading, logger });
    });
    const stale = (['command', 'webhook'] as const).filter((kind) => receivers.every((one) => one.kind !== kind));
    this.#removeStale = () => Promise.all(stale.map((kind) => removeResultsGroup(redis, keyPrefix, nameOf(kind))));
    this.#leading = leading;
    const told = { command: command?.shown, webhook: webhook?.shown, task_types: taskTypes };
    if (receivers.length > 0) logger.info(told, 'the leading processor notifies of ended tasks');
  }

  /** Resolves when every task that ends from now on will be told. */
  async start(): Promise<void> {
    // One that is set up again later is told of tasks that end from then on, not of all that ended meanwhile.
    await this.#removeStale();
    // A processor that is being replaced, and still has the receiver, may make its group again.
    const remove = () => this.#leading() && void this.#removeStale().catch(() => undefined);
    this.#timer = setInterval(remove, REMOVE_INTERVAL_MS);
    await Promise.all(this.#notifiers.map((notifier) => notifier.start()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#notifiers.map((notifier) => notifier[Symbol.asyncDispose]()));
  }
}

/** The group of a receiver in the results stream. */
export function groupOf(
  kind: Receiver['kind'],
  options: Pick<ResultsGroupOptions, 'reader' | 'redis' | 'keyPrefix'>,
): ResultsGroup {
  const earlierPositionKey = notifiedKey(options.keyPrefix, kind);
  return new ResultsGroup({ ...options, group: nameOf(kind), portion: PORTION, earlierPositionKey });
}

function nameOf(kind: Receiver['kind']): string {
  return `notify:${kind}`;
}

function receiversOf({ notify, results }: Config) {
  const { command, webhook, webhook_secret: secret, timeout_ms: timeoutMs } = notify;
  if ((command || webhook) && results.stream_max_length === 0) {
    const message = 'must not be 0: notify.command and notify.webhook read the results stream';
    throw new ConfigError('notifications', [{ path: 'results.stream_max_length', message, fix: 'leave it out' }]);
  }
  return {
    ...(command && { command: new CommandReceiver({ command, timeoutMs }) }),
    ...(webhook !== undefined && { webhook: new WebhookReceiver({ url: webhook, secret, timeoutMs }) }),
  };
}
