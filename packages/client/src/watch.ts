import { EventEmitter, on } from 'node:events';
import type { Config } from '@taskwire/config';
import type { TaskEvent, TaskResult } from '@taskwire/protocol';
import type { Listener } from './listener.ts';

/** What watching brings: an event, or a result. */
export type Watched = { kind: 'event'; event: TaskEvent } | { kind: 'result'; result: TaskResult };

export interface WatchOptions {
  /** Default: all tasks. */
  taskId?: string | undefined;
  /** Ends it. */
  signal: AbortSignal;
}

export interface WatchSources {
  listener: Listener;
  channels: Config['redis']['channels'];
}

/** All events and results from now on, in the order in which Redis sent them, until the signal is aborted. */
export async function* watch(
  { taskId, signal }: WatchOptions,
  { listener, channels: { events, results_queue } }: WatchSources,
): AsyncGenerator<Watched, void> {
  const messages = new EventEmitter();
  // Before the subscription stands: what comes together with its confirmation counts.
  const iterator = on(messages, 'message', { signal });
  const stop = await listener.listen({
    channels: [events, results_queue],
    taskId,
    hear: (message, channel) => messages.emit('message', message, channel),
  });
  try {
    for await (const [message, channel] of iterator) {
      yield channel === events ? { kind: 'event', event: message } : { kind: 'result', result: message };
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stop();
  }
}
