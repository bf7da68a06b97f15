import type { ServiceMetrics } from '@taskwire/monitoring';
import { decodeCancel, type Rejection } from '@taskwire/protocol';
import type { Dispatch } from './dispatch.ts';
import type { Reject } from './reject.ts';
import { type Validated, type ValidateOptions, type ValidTask, validate } from './validate.ts';

/** A message that came over one of the channels. */
export interface ArrivedMessage {
  kind: 'request' | 'cancel';
  bytes: Uint8Array;
  /** The processor that led when it came; empty when that is not known. */
  leader: string;
}

/**
 * What has become of a file.
 *
 * - `durable`: its task is in its queue, or has ended before.
 * - `refused`: it does not become a task, and its error result is published.
 * - `no_room`: too much is waiting; it was not looked at.
 */
export type FileOutcome = { status: 'durable' } | { status: 'refused'; rejection: Rejection } | { status: 'no_room' };

/** A file of the inbox, which this processor alone takes. */
export interface ArrivedFile {
  kind: 'file';
  /** Its size. */
  bytes: number;
  validated: Validated;
  /** Told at most once: not at all when the processor stops before. */
  settle: (outcome: FileOutcome) => void;
}

export type Arrived = ArrivedMessage | ArrivedFile;

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
  /** Those that came as files. */
  files: { task: ValidTask; settle: ArrivedFile['settle'] }[];
  answered: Promise<void>[];
  /** How many of the requests this processor is to answer. */
  requests: number;
  fileCount: number;
  /** The tasks to cancel once the others are in their queues, and whether that is for this processor to do. */
  cancels: Map<string, boolean>;
}

export function createTakeBatch(options: TakeBatchOptions): TakeBatch {
  const { instance, limits, dispatch, reject, cancel, leaveToOthers, metrics } = options;

  return async (batch) => {
    let part = newPart();
    for (const arrived of batch) {
      if (arrived.kind === 'file') {
        if (isCancelledBefore(part, arrived.validated)) {
          await take(part);
          part = newPart();
        }
        addFile(part, arrived);
        continue;
      }
      const { bytes, kind, leader } = arrived;
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
        if (isCancelledBefore(part, validated)) {
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

  function addFile(part: Part, { validated, settle }: ArrivedFile): void {
    part.fileCount += 1;
    if (validated.status === 'valid') {
      part.files.push({ task: validated.task, settle });
    } else {
      const { rejection } = validated;
      part.answered.push(reject(rejection).then(() => settle({ status: 'refused', rejection })));
    }
  }

  async function takeFiles(files: Part['files']): Promise<void> {
    if (files.length === 0) return;
    const refusals = await dispatch(
      files.map(({ task }) => task),
      instance,
    );
    for (const [index, { settle }] of files.entries()) {
      const rejection = refusals[index];
      settle(rejection ? { status: 'refused', rejection } : { status: 'durable' });
    }
  }

  async function take({ tasks, files, answered, requests, fileCount, cancels }: Part): Promise<void> {
    metrics.received.inc({ intake: 'channel' }, requests);
    metrics.received.inc({ intake: 'inbox' }, fileCount);
    await Promise.all([...[...tasks].map(([leader, list]) => dispatch(list, leader)), takeFiles(files), ...answered]);
    if (cancels.size === 0) return;
    await Promise.all(
      [...cancels].map(async ([taskId, leading]) => {
        if (leading) await cancel(taskId);
        else leaveToOthers(taskId);
      }),
    );
  }
}

/** Cancelled before it was asked for: that was another task, or none. */
function isCancelledBefore({ cancels }: Part, validated: Validated): boolean {
  return validated.status === 'valid' && cancels.has(validated.task.request.task_id);
}

function newPart(): Part {
  return { tasks: new Map(), files: [], answered: [], requests: 0, fileCount: 0, cancels: new Map() };
}
