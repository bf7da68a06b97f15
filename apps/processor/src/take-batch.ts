import type { ServiceMetrics } from '@taskwire/monitoring';
import { decodeCancel } from '@taskwire/protocol';
import type { Dispatch } from './dispatch.ts';
import type { Reject } from './reject.ts';
import { type ValidateOptions, type ValidTask, validate } from './validate.ts';

/** A message that came over one of the channels. */
export interface Arrived {
  bytes: Uint8Array;
  kind: 'request' | 'cancel';
  /** The processor that led when it came; empty when that is not known. */
  leader: string;
}

export interface TakeBatchOptions {
  /** This processor. */
  instance: string;
  limits: ValidateOptions;
  dispatch: Dispatch;
  reject: Reject;
  /** Cancels a task, and says what comes of it. */
  cancel: (taskId: string) => Promise<void>;
  /** Told of a task that another processor is to cancel. */
  leaveToOthers: (taskId: string) => void;
  metrics: ServiceMetrics;
}

/** Validates and dispatches a batch of messages. Resolves when all that they ask for is durable, or answered. */
export type TakeBatch = (batch: readonly Arrived[]) => Promise<void>;

/** Messages that may be taken together: nothing of it comes to another end than one by one. */
interface Part {
  /** By the processor that led when they came. Almost always one: it changes in the middle of a batch that makes two. */
  tasks: Map<string, ValidTask[]>;
  answered: Promise<void>[];
  /** How many of the requests this processor is to answer. */
  requests: number;
  /** The tasks to cancel once the others are in their queues, and whether that is for this processor to do. */
  cancels: Map<string, boolean>;
}

export function createTakeBatch(options: TakeBatchOptions): TakeBatch {
  const { instance, limits, dispatch, reject, cancel, leaveToOthers, metrics } = options;

  return async (batch) => {
    let part = newPart();
    for (const { bytes, kind, leader } of batch) {
      const leading = leader === instance;
      if (kind === 'cancel') {
        addCancel(part, bytes, leading);
        continue;
      }
      const validated = validate(bytes, limits);
      if (validated.status === 'rejected') {
        if (!leading) continue;
        part.requests += 1;
        part.answered.push(reject(validated.rejection));
      } else if (leading || validated.named) {
        // Cancelled before it was asked for: that was another task, or none.
        if (part.cancels.has(validated.task.request.task_id)) {
          await take(part);
          part = newPart();
        }
        // The id of a copy makes it one task: so it is durable even if the leading processor dies just now.
        const list = part.tasks.get(leader);
        if (list) list.push(validated.task);
        else part.tasks.set(leader, [validated.task]);
        if (leading) part.requests += 1;
      }
    }
    await take(part);
  };

  function addCancel({ answered, cancels }: Part, bytes: Uint8Array, leading: boolean): void {
    const decoded = decodeCancel(bytes, limits);
    if (leading) metrics.received.inc({ intake: 'cancel' });
    if (decoded.status === 'decoded') cancels.set(decoded.taskId, leading);
    else if (leading) answered.push(reject(decoded.rejection));
  }

  async function take({ tasks, answered, requests, cancels }: Part): Promise<void> {
    metrics.received.inc({ intake: 'channel' }, requests);
    await Promise.all([...[...tasks].map(([leader, list]) => dispatch(list, leader)), ...answered]);
    if (cancels.size === 0) return;
    await Promise.all(
      [...cancels].map(async ([taskId, leading]) => {
        if (leading) await cancel(taskId);
        else leaveToOthers(taskId);
      }),
    );
  }
}

function newPart(): Part {
  return { tasks: new Map(), answered: [], requests: 0, cancels: new Map() };
}
