import { EventEmitter, on } from 'node:events';
import { isTaskResult, type TaskEvent, type TaskResult } from '@taskwire/protocol';
import type { TaskSources } from './task-state.ts';

/** What `watch` yields: an event, a result, or what another program has published there that names a task. */
export type Watched =
  | { kind: 'event'; event: TaskEvent }
  | { kind: 'result'; result: TaskResult }
  | { kind: 'foreign'; message: unknown };

export interface WatchOptions {
  /** Default: all tasks. */
  taskId?: string | undefined;
  /** Ends the watch. */
  signal: AbortSignal;
}

/**
 * All events and results from now on, in the order in which Redis sent them, until the signal is aborted. If the one task
 * already has its result, that comes first.
 */
export async function* watch(
  { taskId, signal }: WatchOptions,
  { listener, channels: { events, results }, lookUp }: TaskSources,
): AsyncGenerator<Watched, void> {
  const messages = new EventEmitter();
  // Before the subscription stands: what comes together with its confirmation counts.
  const iterator = on(messages, 'message', { signal });
  const stop = await listener.listen({
    channels: [events, results],
    taskId,
    hear: (message, channel) => messages.emit('message', message, channel),
  });
  try {
    const state = taskId === undefined ? undefined : await lookUp(taskId);
    const stored = state?.status === 'finished' ? state.result : undefined;
    if (stored) yield { kind: 'result', result: stored };
    for await (const [message, channel] of iterator) {
      // It was published during the look-up.
      if (stored && channel === results && message.timestamp === stored.timestamp) continue;
      if (channel === events && typeof message.event === 'string') yield { kind: 'event', event: message };
      else if (channel === results && isTaskResult(message)) yield { kind: 'result', result: message };
      else yield { kind: 'foreign', message };
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stop();
  }
}
