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
  /** Other channels heard over the same connection, in order with the messages. */
  leadership: Pick<
    Leadership,
    'channels' | 'leader' | 'start' | 'hear' | 'cut' | 'resume' | typeof Symbol.asyncDispose
  >;
  logger: Logger;
  submit: (submission: Submission) => void;
  /** Called when the subscription was cut and is back: messages published in between are lost. */
  onGap: (gap: TaskEvent & { event: 'intake_gap' }) => void;
}

const UNSUBSCRIBE_TIMEOUT_MS = 1000;

/** Takes the messages of the channels. ioredis subscribes again by itself after a lost connection. */
export class ChannelIntake implements Intake {
  readonly #options: ChannelIntakeOptions;
  #cutAt: Date | undefined;
  #stopped = false;

  constructor(options: ChannelIntakeOptions) {
    this.#options = options;
  }

  /** Resolves when the subscription stands. */
  async start(): Promise<void> {
    const { subscriber, channels, cancelChannel, leadership, submit } = this.#options;
    const control = new Set(leadership.channels);
    subscriber.on('messageBuffer', (channelName: Buffer, message: Buffer) => {
      const channel = channelName.toString();
      if (control.has(channel)) return leadership.hear(channel, message.toString());
      const kind = channel === cancelChannel ? 'cancel' : 'message';
      submit({ kind, bytes: message, origin: 'channel', answerer: leadership.leader });
    });
    subscriber.on('close', () => this.#onCut());
    subscriber.on('ready', () => void this.#onBack());
    // Who leads is known before the first message comes.
    await subscriber.subscribe(...leadership.channels);
    await leadership.start();
    await subscriber.subscribe(...channels, cancelChannel);
  }

  /** Lets another processor answer, if there is one, then takes no more messages. */
  async stop(): Promise<void> {
    const { subscriber, leadership } = this.#options;
    await leadership[Symbol.asyncDispose]();
    this.#stopped = true;
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

  async #onBack(): Promise<void> {
    const { subscriber, cancelChannel, leadership, logger, onGap } = this.#options;
    const channels = [...this.#options.channels, cancelChannel];
    const cutAt = this.#cutAt;
    if (!cutAt) return;
    // Subscribing again changes nothing; the answer proves that messages arrive again.
    await subscriber.subscribe(...channels, ...leadership.channels).catch(() => undefined);
    await leadership.resume();
    this.#cutAt = undefined;
    const gap = { disconnected_at: cutAt.toISOString(), timestamp: new Date().toISOString(), channels };
    logger.warn(gap, 'the subscription was cut; messages published meanwhile are lost');
    onGap({ task_id: null, task_type: null, user_id: null, event: 'intake_gap', ...gap });
  }
}
