import { setTimeout as delay } from 'node:timers/promises';
import type { Intake, Submission } from '@taskwire/admission';
import type { TaskEvent } from '@taskwire/protocol';
import type { Logger } from '@taskwire/service';
import type { Redis } from 'ioredis';
import type { Leadership } from '../leadership.ts';

export interface ChannelIntakeOptions {
  /** A connection of its own. */
  subscriber: Redis;
  /** The channels of requests. */
  channels: readonly string[];
  /** The channel of messages that cancel tasks: over the same connection, so that none overtakes its task. */
  cancelChannel: string;
  /** Channels on which nothing comes; see `OtherInstallations`. */
  signs: readonly string[];
  /** Its channels are heard over the same connection, in order with the messages. */
  leadership: Pick<Leadership, 'channels' | 'leader' | 'join' | 'hear' | 'cut' | typeof Symbol.asyncDispose>;
  logger: Logger;
  submit: (submission: Submission) => void;
  /** Called when the subscription was cut and is back: messages published in between are lost. */
  onGap: (gap: TaskEvent & { event: 'intake_gap' }) => void;
}

const UNSUBSCRIBE_TIMEOUT_MS = 1000;

/** Takes the messages of the channels, over one connection after the other. */
export class ChannelIntake implements Intake {
  readonly #options: ChannelIntakeOptions;
  readonly #stands = Promise.withResolvers<void>();
  #cutAt: Date | undefined;
  #stopped = false;

  constructor(options: ChannelIntakeOptions) {
    this.#options = options;
  }

  /** Resolves when the subscription stands. */
  async start(): Promise<void> {
    const { subscriber, channels, cancelChannel, leadership, submit } = this.#options;
    // ioredis would subscribe again before it is known who leads: what comes until then would be nobody's.
    Object.assign(subscriber.options, { autoResubscribe: false, autoResendUnfulfilledCommands: false });
    subscriber.on('messageBuffer', (channelName: Buffer, message: Buffer) => {
      const channel = channelName.toString();
      const kind = channel === cancelChannel ? 'cancel' : 'message';
      if (kind === 'message' && !channels.includes(channel)) return leadership.hear(channel, message.toString());
      submit({ kind, bytes: message, origin: 'channel', answerer: leadership.leader });
    });
    subscriber.on('close', () => this.#onCut());
    subscriber.on('ready', () => void this.#listen());
    subscriber.on('end', () => this.#stands.reject(new Error('the connection was closed')));
    if (subscriber.status === 'ready') void this.#listen();
    await this.#stands.promise;
  }

  /** Lets another processor answer, if there is one, then takes no more messages. */
  async stop(): Promise<void> {
    const { subscriber, leadership } = this.#options;
    this.#stopped = true;
    await leadership[Symbol.asyncDispose]();
    // Messages under way arrive before the answer; if Redis does not answer, do not wait.
    const unsubscribed = subscriber.status === 'ready' && subscriber.unsubscribe().catch(() => undefined);
    await Promise.race([unsubscribed, delay(UNSUBSCRIBE_TIMEOUT_MS, undefined, { ref: false })]);
    subscriber.disconnect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.subscriber.disconnect();
  }

  #onCut(): void {
    this.#options.leadership.cut();
    if (!this.#stopped) this.#cutAt ??= new Date();
  }

  /** In one write, so that Redis serves nobody in between. A cut ends this wherever it waits; the next `ready` begins anew. */
  async #listen(): Promise<void> {
    if (this.#stopped) return;
    const { subscriber, channels, cancelChannel, signs, leadership, logger } = this.#options;
    try {
      subscriber.stream.cork();
      const subscribed = subscriber.subscribe(...leadership.channels, ...channels, cancelChannel, ...signs);
      const joined = leadership.join(subscriber);
      subscriber.stream.uncork();
      await Promise.all([subscribed, joined]);
    } catch (error) {
      if (!this.#stopped) logger.warn({ err: error }, 'Redis did not take the subscription');
      return this.#stands.reject(error);
    }
    this.#stands.resolve();
    this.#tellGap();
  }

  #tellGap(): void {
    const { channels, cancelChannel, logger, onGap } = this.#options;
    if (!this.#cutAt) return;
    const gap = {
      disconnected_at: this.#cutAt.toISOString(),
      timestamp: new Date().toISOString(),
      channels: [...channels, cancelChannel],
    };
    this.#cutAt = undefined;
    logger.warn(gap, 'the subscription was cut; messages published meanwhile are lost');
    onGap({ task_id: null, task_type: null, user_id: null, event: 'intake_gap', ...gap });
  }
}
